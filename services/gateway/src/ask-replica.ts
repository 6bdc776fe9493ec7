import {
  answerHeader,
  byteAnswerFrom,
  bytesType,
  callHeader,
  callHeadOf,
  errorOf,
  type OperationCall,
  operationFailure,
  refusedStatus,
} from '@partitura/shared/hosting';
import { type Bytes, isByteBody } from '@partitura/shared/http';

/** The replica did not answer, or is on its way up or down: another one may. */
export class NotAnswered extends Error {}

/** The replica is there, and does not know the key. */
export class KeyRefused extends Error {}

/** A call on its way; its body may be bytes, which can be sent once. */
export interface Outgoing {
  readonly headers: Readonly<Record<string, string>>;
  /** For one attempt. */
  readonly body: () => string | Bytes;
  readonly isBytes: boolean;
  /** Whether any of the bytes have been taken: the call cannot be made again then. */
  readonly isUsed: () => boolean;
}

export const outgoing = (call: OperationCall): Outgoing => {
  const { body } = call;
  if (!isByteBody(body)) {
    const text = JSON.stringify(call);
    const headers = { 'content-type': 'application/json' };
    return { headers, body: () => text, isBytes: false, isUsed: () => false };
  }
  let used = false;
  const taken = async function* (): AsyncGenerator<Uint8Array> {
    used = true;
    yield* body.bytes;
  };
  const headers = { 'content-type': bytesType, [callHeader]: callHeadOf(call, body) };
  return { headers, body: taken, isBytes: true, isUsed: () => used };
};

/**
 * Asks one replica. An answer of bytes comes as soon as it begins, and may then take as long as whoever reads it.
 * @throws {NotAnswered} when another replica may be asked
 * @throws {PartituraError} what the owner refused with
 * @throws {KeyRefused}
 */
export const askReplica = async (
  url: string,
  authorization: string,
  call: Outgoing,
  timeoutMs: number,
): Promise<unknown> => {
  const given = new AbortController();
  const late = () => given.abort(new DOMException(`${url} took too long`, 'TimeoutError'));
  const timer = setTimeout(late, timeoutMs);
  const init = { method: 'POST', body: call.body(), duplex: 'half', signal: given.signal } as const;
  const headers = { ...call.headers, authorization };
  try {
    const response = await fetch(url, { ...init, headers }).catch((error: unknown) => {
      throw new NotAnswered(`${url} does not answer`, { cause: error });
    });
    const head = response.headers.get(answerHeader);
    if (response.ok && head !== null && response.body) return byteAnswerFrom(head, response.body);
    return await answerIn(response, url);
  } finally {
    clearTimeout(timer);
  }
};

/** @throws as `askReplica` */
export const answerIn = async (response: Response, url: string): Promise<unknown> => {
  const answer: unknown = await response.json().catch((error: unknown) => {
    throw new NotAnswered(`${url} broke off in the middle of its answer`, { cause: error });
  });
  if (response.ok) return resultOf(answer);
  if (response.status === refusedStatus) throw errorOf(operationFailure.parse(answer));
  if (response.status === 503) throw new NotAnswered(`${url} is not ready`);
  if (response.status === 401) throw new KeyRefused(`${url} does not know the key`);
  throw new Error(`${url} answered with status ${response.status}`);
};

const resultOf = (answer: unknown): unknown =>
  typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'result') : undefined;
