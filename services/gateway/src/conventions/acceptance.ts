import { PartituraError } from '@partitura/shared/runtime';
import type { FastifyInstance } from 'fastify';

/** Longer ones are somebody's mistake: ids, cursors and filters fit. */
const longestUrl = 8_192;

/** What can be refused of a request before anybody asks what it wants. */
export const registerAcceptance = (app: FastifyInstance): void => {
  app.addHook('onRequest', async (request) => {
    if (request.url.length > longestUrl)
      throw new PartituraError('URL_TOO_LONG', `A URL has ${longestUrl} characters at the most.`);
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
      throw new PartituraError('CONTENT_ENCODING_NOT_SUPPORTED', 'Bodies are sent as they are.', {
        advice: 'Send it without Content-Encoding.',
      });
  });
};

/**
 * Whether `Accept` leaves room for a media type; nothing said means anything goes. What is there in one form only is also given to who
 * would rather have another, but not to who takes nothing of the kind.
 * @throws {PartituraError} `NOT_ACCEPTABLE`
 */
export const requireAccepts = (accept: string | undefined, types: readonly string[]): void => {
  if (accept === undefined || accept.trim() === '') return;
  const taken = accept
    .toLowerCase()
    .split(',')
    .filter((one) => !/;\s*q=0(\.0*)?\s*$/.test(one))
    .map((one) => one.split(';', 1)[0]?.trim() ?? '');
  const fits = types.some(
    (type) => taken.includes(type) || taken.includes('*/*') || taken.includes(`${type.split('/')[0]}/*`),
  );
  if (fits) return;
  throw new PartituraError('NOT_ACCEPTABLE', `This is there as ${types.join(' and ')} only.`, {
    advice: `Send "Accept: ${types[0]}", or none.`,
  });
};
