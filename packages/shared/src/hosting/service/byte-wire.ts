import { z } from 'zod';
import type { ByteAnswer, ByteBody, Bytes } from '../../http/index.ts';
import type { OperationCall } from './wire.ts';

/**
 * Bytes between the gateway and an owner: they are the body of the request or of the answer, and whatever else there is to say
 * stands in one header, so that nothing of them is ever held back.
 */
export const bytesType = 'application/octet-stream';
/** Of a request whose body is bytes: the call, with what is known of its body. */
export const callHeader = 'partitura-call';
/** Of an answer that is bytes: its type and its headers. */
export const answerHeader = 'partitura-answer';

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decoded = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));

const answerHead = z.strictObject({
  contentType: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
});

export const answerHeadOf = ({ contentType, headers }: ByteAnswer): string =>
  encoded({ contentType, headers });

/** @throws {z.ZodError} when the header was not written by `answerHeadOf` */
export const byteAnswerFrom = (head: string, bytes: Bytes): ByteAnswer => ({
  ...answerHead.parse(decoded(head)),
  bytes,
});

const bodyHead = z.strictObject({ contentType: z.string(), length: z.int().nullable() });

export const callHeadOf = (call: OperationCall, { contentType, length }: ByteBody): string =>
  encoded({ ...call, body: { contentType, length } });

/** The call as it stands in its header, with the bytes that came in the body; to be checked like any other. */
export const callFrom = (head: string, bytes: Bytes): unknown => {
  const call: unknown = decoded(head);
  const { body, ...rest } = z.looseObject({ body: bodyHead }).parse(call);
  return { ...rest, body: { ...body, bytes } };
};
