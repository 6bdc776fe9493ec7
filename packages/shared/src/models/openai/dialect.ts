import type { ChatRequest } from '../port.ts';

/**
 * "OpenAI compatible" is a family of dialects: what one endpoint needs another refuses. A dialect says how to speak to a model;
 * what an endpoint refuses is learned from its own words, once for each model, and the request made again.
 */
export interface Dialect {
  /** How the most tokens of an answer are called. */
  readonly limit: 'max_completion_tokens' | 'max_tokens';
  /** How an answer's schema is given: enforced, suggested, only that it be JSON, or in words alone. */
  readonly answer: 'strict_schema' | 'schema' | 'json_object' | 'instructions';
  readonly temperature: boolean;
  /** Whether usage comes at the end of a stream when asked for. */
  readonly streamUsage: boolean;
  /** `none` where tools are refused to a model that reasons. */
  readonly reasoningEffort: 'none' | null;
}

interface Lesson {
  readonly refusal: RegExp;
  /** Null when there is no other way to say it, or it was not said. */
  readonly learn: (dialect: Dialect, request: ChatRequest) => Dialect | null;
}

const nextAnswer = {
  strict_schema: 'schema',
  schema: 'json_object',
  json_object: 'instructions',
  instructions: null,
} as const;

const lessons: readonly Lesson[] = [
  {
    refusal: /reasoning_effort|reasoning effort/i,
    learn: (dialect) => (dialect.reasoningEffort === null ? { ...dialect, reasoningEffort: 'none' } : null),
  },
  {
    refusal: /temperature/i,
    learn: (dialect, { temperature }) =>
      temperature !== null && dialect.temperature ? { ...dialect, temperature: false } : null,
  },
  {
    refusal: /stream_options|include_usage/i,
    learn: (dialect) => (dialect.streamUsage ? { ...dialect, streamUsage: false } : null),
  },
  {
    refusal:
      /(unsupported|unknown|unrecognized|invalid|not supported|extra|unexpected)[\s\S]*(max_completion_tokens|max_tokens)|(max_completion_tokens|max_tokens)[\s\S]*(unsupported|not supported|not permitted|unrecognized)/i,
    learn: (dialect) =>
      dialect.limit === 'max_tokens'
        ? { ...dialect, limit: 'max_completion_tokens' }
        : { ...dialect, limit: 'max_tokens' },
  },
  {
    refusal: /response_format|json_schema|json_object|schema/i,
    learn: (dialect, request) => {
      const answer = nextAnswer[dialect.answer];
      return answer === null || request.answer === null ? null : { ...dialect, answer };
    },
  },
];

/** The dialect in which to try again after a refusal in these words; null when they teach nothing. */
export const learnFrom = (refusal: string, dialect: Dialect, request: ChatRequest): Dialect | null => {
  for (const lesson of lessons) {
    if (!lesson.refusal.test(refusal)) continue;
    const learned = lesson.learn(dialect, request);
    if (learned !== null) return learned;
  }
  return null;
};

/** More lessons than this are not learned in one call: two endpoints behind one address could teach for ever. */
export const mostLessons = 5;
