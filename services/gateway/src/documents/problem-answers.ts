import { STATUS_CODES } from 'node:http';
import { z } from 'zod';

/** RFC 9457, with our code. */
export const problemSchema = z.strictObject({
  type: z.string().describe('urn:partitura:problem:<code>'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string().describe('urn:partitura:request:<request id>'),
  code: z.string().describe('Stable, in upper snake case: what a program reacts to.'),
  advice: z.string().optional().describe('What can be done about it.'),
  errors: z
    .array(z.strictObject({ path: z.string(), message: z.string() }))
    .optional()
    .describe('For bad input: which field, and what of it.'),
});

interface ProblemAnswer {
  readonly status: number;
  readonly description: string;
  /** One of the codes it comes with. */
  readonly code: string;
}

const answers = {
  BadRequest: { status: 400, code: 'BAD_REQUEST', description: 'The input is not as it has to be.' },
  Unauthorized: { status: 401, code: 'KEY_REQUIRED', description: 'No key, or none that is known.' },
  Forbidden: {
    status: 403,
    code: 'ROLE_TOO_LOW',
    description: 'The role or the scopes of the key do not reach.',
  },
  NotFound: {
    status: 404,
    code: 'RUN_NOT_FOUND',
    description: 'It does not exist, or belongs to another organisation.',
  },
  NotAcceptable: { status: 406, code: 'NOT_ACCEPTABLE', description: 'There is nothing that Accept takes.' },
  Conflict: {
    status: 409,
    code: 'RUN_ENDED',
    description: 'It cannot be done as things stand, or the first request with this key is still at work.',
  },
  PreconditionFailed: {
    status: 412,
    code: 'STALE_REVISION',
    description: 'It is at another revision than If-Match says.',
  },
  TooLarge: {
    status: 413,
    code: 'BODY_TOO_LARGE',
    description: 'The body is larger than this operation takes.',
  },
  UnsupportedMediaType: {
    status: 415,
    code: 'MEDIA_TYPE_NOT_SUPPORTED',
    description: 'Bodies are application/json, and not compressed.',
  },
  Unprocessable: {
    status: 422,
    code: 'IDEMPOTENCY_KEY_REUSED',
    description:
      'It is understood, and cannot be done: with this PRD, this repository, or this Idempotency-Key.',
  },
  TooManyRequests: {
    status: 429,
    code: 'RATE_LIMITED',
    description: 'More requests than the organisation may make. Retry-After says when.',
  },
  Failed: {
    status: 500,
    code: 'INTERNAL_ERROR',
    description: 'A defect of this server; its log says more under the request’s id.',
  },
  Unavailable: {
    status: 503,
    code: 'READ_MODEL_BEHIND',
    description:
      'An engine or a service is away, or a read model has not come to `after`. Retry-After says when.',
  },
} as const satisfies Readonly<Record<string, ProblemAnswer>>;
type ProblemName = keyof typeof answers;

const always: readonly ProblemName[] = [
  'BadRequest',
  'Unauthorized',
  'Forbidden',
  'NotAcceptable',
  'TooManyRequests',
  'Failed',
  'Unavailable',
];
const ofCommands: readonly ProblemName[] = ['Conflict', 'PreconditionFailed', 'Unprocessable'];

/** Which errors an operation can answer, by status, as references. */
export const problemReferences = (operation: {
  readonly command: boolean;
  readonly named: boolean;
  readonly body: boolean;
}) => {
  const names: readonly ProblemName[] = [
    ...always,
    // A list of what belongs to nothing is never not found.
    ...(operation.named || operation.command ? (['NotFound'] as const) : []),
    ...(operation.command ? ofCommands : []),
    ...(operation.body ? (['TooLarge', 'UnsupportedMediaType'] as const) : []),
  ];
  return Object.fromEntries(
    names.map((name) => [answers[name].status, { $ref: `#/components/responses/${name}` }]),
  );
};

export const problemComponents = (): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(answers).map(([name, { status, code, description }]) => [
      name,
      {
        description,
        headers: { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } },
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            example: exampleOf(status, code, description),
          },
        },
      },
    ]),
  );

const exampleOf = (status: number, code: string, detail: string) => ({
  type: `urn:partitura:problem:${code.toLowerCase().replaceAll('_', '-')}`,
  title: STATUS_CODES[status] ?? 'Error',
  status,
  detail,
  instance: 'urn:partitura:request:q_5r8t1y3u7i',
  code,
});
