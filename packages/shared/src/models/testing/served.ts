import type { ChatModel, ChatRequest, ContentPart, StopReason } from '../port.ts';
import type { TokenCounts } from '../prices/index.ts';
import { estimateRequestTokens, estimateTokens } from '../tokens.ts';

/** A request as it came over the wire, read back into ours. */
export interface ServedRequest {
  /** Its model is `<provider of the protocol>/<model>`, its answer's name the one that was sent along. */
  readonly request: ChatRequest;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** 0 for the first. */
  readonly number: number;
}

export interface ServedAnswer {
  readonly kind: 'answer';
  readonly content: readonly ContentPart[];
  readonly stopReason: StopReason;
  /** Default: counted. */
  readonly counts?: TokenCounts;
  /** How the answer ends before its end. Default: not. */
  readonly breaks?: 'not' | 'connection' | 'quietly' | 'overloaded' | 'never';
}

export interface ServedError {
  readonly kind: 'error';
  readonly status: number;
  readonly message: string;
  /** What the protocols call it; by default, what fits the status. */
  readonly type?: string;
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type ServerAnswer = ServedAnswer | ServedError;
export type Respond = (served: ServedRequest) => ServerAnswer | Promise<ServerAnswer>;

const text = (value: string): readonly ContentPart[] => [{ kind: 'text', text: value }];
const answer = (content: readonly ContentPart[], stopReason: StopReason = 'end'): ServedAnswer => ({
  kind: 'answer',
  content,
  stopReason,
});
const error = (status: number, message: string, more: Partial<ServedError> = {}): ServedError => ({
  kind: 'error',
  status,
  message,
  ...more,
});

export interface ServedToolCall {
  readonly id: string;
  readonly tool: string;
  readonly arguments: unknown;
}

/** What a provider can answer, and the ways it fails. */
export const serves = {
  text: (value: string): ServerAnswer => answer(text(value)),
  json: (value: unknown): ServerAnswer => answer(text(JSON.stringify(value))),
  toolCalls: (calls: readonly ServedToolCall[], said = ''): ServerAnswer =>
    answer(
      [...(said === '' ? [] : text(said)), ...calls.map((call) => ({ kind: 'tool_call' as const, ...call }))],
      'tool_use',
    ),
  cutOffByLength: (value: string): ServerAnswer => answer(text(value), 'length'),
  refusal: (value: string): ServerAnswer => answer(text(value), 'refusal'),
  /** The connection breaks in the middle of the text. */
  brokenConnection: (value: string): ServerAnswer => ({ ...answer(text(value)), breaks: 'connection' }),
  /** The stream ends in the middle as if that were all. */
  endsTooEarly: (value: string): ServerAnswer => ({ ...answer(text(value)), breaks: 'quietly' }),
  overloadedInTheMiddle: (value: string): ServerAnswer => ({ ...answer(text(value)), breaks: 'overloaded' }),
  /** Half of the text comes, and then nothing more, until the client has enough. */
  stalls: (value: string): ServerAnswer => ({ ...answer(text(value)), breaks: 'never' }),
  rateLimited: (retryAfter: string | null): ServerAnswer =>
    error(
      429,
      'Number of requests has exceeded your rate limit.',
      retryAfter === null ? {} : { headers: { 'retry-after': retryAfter } },
    ),
  serverError: (): ServerAnswer => error(500, 'Internal server error'),
  overloaded: (): ServerAnswer => error(529, 'Overloaded', { type: 'overloaded_error' }),
  unauthorized: (): ServerAnswer => error(401, 'invalid x-api-key'),
  outOfCredit: (): ServerAnswer =>
    error(429, 'You exceeded your current quota.', { code: 'insufficient_quota' }),
  unknownModel: (model: string): ServerAnswer => error(404, `model: ${model}`),
  contextOverflow: (): ServerAnswer =>
    error(400, 'prompt is too long: 215001 tokens > 200000 maximum', { code: 'context_length_exceeded' }),
  badRequest: (message: string): ServerAnswer => error(400, message),
} as const;

/** Answers one after the other; a request too many is an error that says so. */
export const scripted = (...answers: readonly (ServerAnswer | Respond)[]): Respond => {
  const remaining = [...answers];
  return (served) => {
    const next = remaining.shift();
    if (next === undefined)
      return error(400, `The script has ${answers.length} answers; this is request ${served.number + 1}.`);
    return typeof next === 'function' ? next(served) : next;
  };
};

const countsOf = (request: ChatRequest, content: readonly ContentPart[]): TokenCounts => ({
  inputTokens: estimateRequestTokens(request),
  outputTokens: estimateTokens(JSON.stringify(content)),
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
});

/** What was counted, or else an honest guess: nothing is free over the wire. */
export const countsFor = (served: ServedRequest, given: ServedAnswer): TokenCounts =>
  given.counts ?? countsOf(served.request, given.content);

/**
 * Lets another model answer, so that a whole run can be driven over the wire: the rehearsal model behind a provider's protocol
 * behaves like that provider's model would.
 * @param name `provider/model` of the model that answers
 */
export const respondWith =
  (model: ChatModel, name: string): Respond =>
  async ({ request }) => {
    const given = await model.chat({ ...request, model: name }, { signal: new AbortController().signal });
    const content = given.structured === null ? given.content : text(JSON.stringify(given.structured));
    return { kind: 'answer', content, stopReason: given.stopReason, counts: countsOf(request, content) };
  };
