import { type ClientRequest, type IncomingMessage, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { answerHeader, byteAnswerFrom } from '@partitura/shared/hosting';
import type { Bytes } from '@partitura/shared/http';
import { answerIn, NotAnswered, type Outgoing } from './ask-replica.ts';
import { attended } from './attended-bytes.ts';

/** Ends a request when nothing was heard of it for a while. */
const listening = (asked: ClientRequest, silenceMs: number, url: string) => {
  const silent = (): void => {
    asked.destroy(new NotAnswered(`${url} has said nothing for ${silenceMs / 1_000} s`));
  };
  let timer = setTimeout(silent, silenceMs);
  const stop = (): void => clearTimeout(timer);
  return {
    stop,
    again: (): void => {
      stop();
      timer = setTimeout(silent, silenceMs);
    },
  };
};

const drained = (asked: ClientRequest): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      asked.off('drain', done).off('close', done);
      resolve();
    };
    asked.once('drain', done).once('close', done);
  });

/** @throws what the source of the bytes throws */
const send = async (
  asked: ClientRequest,
  body: string | Bytes,
  { heard, isAnswered }: { readonly heard: () => void; readonly isAnswered: () => boolean },
): Promise<void> => {
  if (typeof body === 'string') {
    asked.end(body);
    return;
  }
  for await (const piece of body) {
    heard();
    // Whoever has answered already, or is gone, wants no more of it.
    if (asked.destroyed || isAnswered()) return;
    if (!asked.write(piece)) await drained(asked);
    heard();
  }
  asked.end();
};

const responseTo = (
  asked: ClientRequest,
  url: string,
  body: string | Bytes,
  heard: () => void,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    let answered = false;
    asked.once('response', (response: IncomingMessage) => {
      answered = true;
      resolve(response);
    });
    asked.on('error', (cause) => {
      reject(cause instanceof NotAnswered ? cause : new NotAnswered(`${url} does not answer`, { cause }));
    });
    send(asked, body, { heard, isAnswered: () => answered }).catch((error: unknown) => {
      reject(error);
      asked.destroy();
    });
  });

const headOf = ({ headers }: IncomingMessage): string | null => {
  const head = headers[answerHeader];
  return typeof head === 'string' ? head : null;
};

const isGood = ({ statusCode = 0 }: IncomingMessage): boolean => statusCode >= 200 && statusCode < 300;

/**
 * Asks one replica for something that is made of bytes, or makes bytes: that takes as long as it takes. What is limited is how long
 * nothing is heard: no byte is taken, none comes, and the replica does not say that it is still at it.
 * @throws as `askReplica`, and what the source of the body throws
 */
export const askForBytes = async (
  url: string,
  authorization: string,
  call: Outgoing,
  silenceMs: number,
): Promise<unknown> => {
  const request = url.startsWith('https:') ? overHttps : overHttp;
  // A connection of its own: one that is kept may be closed by the other side just when the body, which can be sent once, is on its way.
  const asked = request(url, { method: 'POST', headers: { ...call.headers, authorization }, agent: false });
  const heard = listening(asked, silenceMs, url);
  asked.on('information', heard.again);
  try {
    const response = await responseTo(asked, url, call.body(), heard.again);
    const silent = (): Error => new NotAnswered(`${url} fell silent in the middle of its answer`);
    const bytes = attended(response, silenceMs, () => {
      response.destroy();
      return silent();
    });
    const head = headOf(response);
    if (isGood(response) && head !== null) return byteAnswerFrom(head, bytes);
    heard.stop();
    const text = await Array.fromAsync(bytes).catch((cause: unknown) => {
      throw new NotAnswered(`${url} broke off in the middle of its answer`, { cause });
    });
    // What is left of the body nobody waits for.
    asked.destroy();
    return await answerIn(new Response(Buffer.concat(text), { status: response.statusCode ?? 500 }), url);
  } finally {
    heard.stop();
  }
};
