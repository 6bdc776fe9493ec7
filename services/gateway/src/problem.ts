import { STATUS_CODES } from 'node:http';
import type { Logger } from '@partitura/shared/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { knownError, statusOf } from './errors.ts';

/** RFC 9457, with our code; `errors` for bad input. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly advice?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** What is told of an error. A defect is told by nothing but the request's id: its message may say what is nobody's business. */
export const problemOf = (error: unknown, requestId: string): Problem => {
  const known = knownError(error);
  const code = known?.code ?? 'INTERNAL_ERROR';
  const status = known ? statusOf(code) : 500;
  return {
    type: `urn:partitura:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail:
      known?.message ?? 'Something went wrong here; the server’s log says what, under this request’s id.',
    instance: `urn:partitura:request:${requestId}`,
    code,
    ...(known?.advice ? { advice: known.advice } : {}),
    ...(known && known.problems.length > 0 ? { errors: known.problems } : {}),
  };
};

export const sendProblem = async (
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): Promise<void> => {
  const problem = problemOf(error, request.id);
  if (problem.status >= 500)
    logger.error(
      { error, requestId: request.id, method: request.method, url: request.url },
      'a request failed',
    );
  if (problem.status === 503 || problem.code === 'IDEMPOTENCY_IN_PROGRESS')
    void reply.header('retry-after', '1');
  await reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
};
