import { Readable } from 'node:stream';
import type { ByteBody, Bytes, Operation } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { attended } from '../attended-bytes.ts';

const defaultLimit = 1024 * 1024;

/** From here on bodies are passed on as they come, and of the operation's media types alone. */
export const acceptBytes = (app: FastifyInstance, types: readonly string[]): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...types], (_, payload, done) => done(null, payload));
  app.addContentTypeParser('*', (_, __, done) =>
    done(new PartituraError('MEDIA_TYPE_NOT_SUPPORTED', `The body is to be ${types.join(' or ')}.`)),
  );
};

/**
 * A body may take as long as it takes, but may not fall silent: reading it throws `REQUEST_TIMED_OUT` then.
 * @throws {PartituraError} `BODY_TOO_LARGE` for what says that it is, `BAD_REQUEST` where there is none
 */
export const byteBodyOf = (
  { body, headers }: FastifyRequest,
  { bodyLimit = defaultLimit, takes = [] }: Operation,
  silenceMs: number,
): ByteBody => {
  if (!(body instanceof Readable))
    throw new PartituraError('BAD_REQUEST', 'There is no body.', {
      problems: [{ path: 'body', message: `has to be ${takes.join(' or ')}` }],
    });
  const said = Number(headers['content-length']);
  const length = headers['content-length'] === undefined ? null : said;
  if (length !== null && length > bodyLimit) throw tooLarge(bodyLimit);
  const contentType = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return {
    contentType,
    length,
    bytes: limited(
      attended(unbroken(body), silenceMs, () => silent(silenceMs)),
      bodyLimit,
    ),
  };
};

/** Whoever stops in the middle of a body can still answer: the connection stays. */
const unbroken = (body: Readable): Bytes => body.iterator({ destroyOnReturn: false });

/** What says nothing of its length is counted as it comes. */
async function* limited(bytes: Bytes, limit: number): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const piece of bytes) {
    seen += piece.byteLength;
    if (seen > limit) throw tooLarge(limit);
    yield piece;
  }
}

const silent = (ms: number): PartituraError =>
  new PartituraError('REQUEST_TIMED_OUT', `Nothing more of the body came for ${ms / 1_000} s.`, {
    advice: 'Send it again.',
  });

const tooLarge = (limit: number): PartituraError =>
  new PartituraError('BODY_TOO_LARGE', `The body has more than the ${limit} bytes that this takes.`);
