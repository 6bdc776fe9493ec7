import type { ByteAnswer } from './bytes.ts';
import type { Calls } from './generated/calls.ts';

/** What the OpenAPI document says of operations, as whoever calls them sees it. */

export type ClientOperation = keyof Calls;

/** What may be left out may be undefined too. */
type Given<Fields> = {
  [Name in keyof Fields]: Record<never, never> extends Pick<Fields, Name>
    ? Fields[Name] | undefined
    : Fields[Name];
};

type Part<Key extends string, Fields> = [Fields] extends [undefined]
  ? Record<never, never>
  : Record<never, never> extends Fields
    ? { readonly [Name in Key]?: Given<Fields> }
    : { readonly [Name in Key]: Given<Fields> };

/** What a caller gives: fields that have a default may be left out. */
export type ClientInput<Name extends ClientOperation> = Part<'params', Calls[Name]['params']> &
  Part<'query', Calls[Name]['query']> &
  Part<'body', Calls[Name]['body']>;

/** What is answered: a document, or a file. */
export type ClientOutput<Name extends ClientOperation> = Calls[Name]['answer'];

/** Operations whose answer is a file. */
export type ByteOperationName = {
  [Name in ClientOperation]: ClientOutput<Name> extends ByteAnswer ? Name : never;
}[ClientOperation];
