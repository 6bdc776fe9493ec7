import { z } from 'zod';

/** Pieces, each made when the one before has been taken: whoever reads sets the pace, and may stop at any of them. */
export type Bytes = AsyncIterable<Uint8Array>;

/** An answer that is no JSON document: a file, of any length. */
export interface ByteAnswer {
  /** One of the operation's `answers`. */
  readonly contentType: string;
  /** Beside the content's type, in lower case: what whoever takes the file has to know before its first byte. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What throws in the middle breaks the connection off: half a file is never taken for a whole one. */
  readonly bytes: Bytes;
}

/** A body that is no JSON document, on its way. It can be read once. */
export interface ByteBody {
  /** One of the media types that the operation `takes`. */
  readonly contentType: string;
  /** In bytes, where the sender says so. */
  readonly length: number | null;
  readonly bytes: Bytes;
}

const hasBytes = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'contentType' in value &&
  'bytes' in value &&
  typeof value.bytes === 'object' &&
  value.bytes !== null &&
  Symbol.asyncIterator in value.bytes;

export const isByteAnswer = (value: unknown): value is ByteAnswer => hasBytes(value);
export const isByteBody = (value: unknown): value is ByteBody => hasBytes(value) && 'length' in Object(value);

const byteAnswer = z.custom<ByteAnswer>(isByteAnswer);
const byteBody = z.custom<ByteBody>(isByteBody);

/** For `defineOperation({ …, ...answersBytes('text/csv') })`: the handler's result is a `ByteAnswer`. */
export const answersBytes = (...types: readonly [string, ...string[]]) => ({
  result: byteAnswer,
  answers: types,
});

/** For `defineOperation({ …, ...takesBytes('application/x-tar') })`: the handler's `body` is a `ByteBody`. */
export const takesBytes = (...types: readonly [string, ...string[]]) => ({ body: byteBody, takes: types });
