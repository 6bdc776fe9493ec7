import type { z } from 'zod';
import type { ByteAnswer, ByteBody } from '../bytes.ts';
import type { Operation } from '../operation.ts';
import type { OperationName, Operations } from '../operations/index.ts';

type Given<Key extends string, Type extends z.ZodType | null> =
  Type extends z.ZodType<ByteBody>
    ? Record<never, never>
    : Type extends z.ZodType
      ? { readonly [Name in Key]?: z.input<Type> }
      : Record<never, never>;

/** A request and its answer, as they could be seen on the wire. */
export type Example<Op extends Operation = Operation> = Given<'params', Op['params']> &
  Given<'query', Op['query']> &
  Given<'body', Op['body']> &
  (Op['result'] extends z.ZodType<ByteAnswer>
    ? { readonly result?: never }
    : { readonly result: z.input<Op['result']> });

export type Examples = { readonly [Name in OperationName]?: Example<Operations[Name]> };
