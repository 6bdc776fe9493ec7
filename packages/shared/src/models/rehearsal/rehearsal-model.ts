import { setTimeout as sleep } from 'node:timers/promises';
import type { Usage } from '../../events/index.ts';
import { type AnswerName, answers } from '../../prompts/index.ts';
import { ModelError } from '../errors.ts';
import type { ChatAnswer, ChatModel, ChatOptions, ChatRequest, ContentPart } from '../port.ts';
import { estimateRequestTokens, estimateTokens } from '../tokens.ts';
import { actAnswer } from './act.ts';
import { architectureAnswerFor } from './architecture-answer.ts';
import type { Seed } from './chance.ts';
import { approachAnswerFor, criteriaAnswerFor, reflectionAnswerFor, reviewAnswerFor } from './judgements.ts';
import { type Material, materialOf } from './material.ts';
import { replanAnswerFor } from './replan-answer.ts';
import { requirementsAnswerFor } from './requirements-answer.ts';
import { tasksAnswerFor } from './tasks-answer.ts';

export interface RehearsalOptions {
  /** Other seeds make other mistakes; the same seed and PRD make the same. */
  readonly seed?: Seed;
  /** Milliseconds that an answer takes. */
  readonly delayMs?: number;
}

const provider = 'rehearsal';
const model = 'rehearsal/rehearsal';
const contextWindow = 1_000_000;

/**
 * A model without key, network or cost: it reads the prompt's sections and answers from them by rule. Everything around it
 * (engine, worktrees, tools, checks, budget, log) is the real thing.
 */
export const rehearsalModel = ({ seed = 0, delayMs = 0 }: RehearsalOptions = {}): ChatModel => ({
  provider,
  chat: async (request, options) => {
    await pause(delayMs, options.signal);
    const material = materialOf(request);
    const structured = request.answer === null ? null : structuredAnswer(request.answer, material);
    const content: ContentPart[] =
      request.answer === null
        ? actAnswer(request, material, seed)
        : [{ kind: 'text', text: JSON.stringify(structured) }];
    stream(content, options);
    return answered(request, content, structured);
  },
  measure: (request) => {
    const inputTokens = estimateRequestTokens(request);
    return {
      inputTokens,
      contextWindow,
      worstCase: { tokens: inputTokens + request.maxOutputTokens, microUsd: 0 },
    };
  },
});

const answerers: Readonly<Record<AnswerName, (material: Material) => unknown>> = {
  requirements: requirementsAnswerFor,
  architecture: architectureAnswerFor,
  tasks: tasksAnswerFor,
  replan: replanAnswerFor,
  approach: approachAnswerFor,
  reflection: reflectionAnswerFor,
  criteria: criteriaAnswerFor,
  review: reviewAnswerFor,
};

const isAnswerName = (name: string): name is AnswerName => Object.hasOwn(answers, name);

const structuredAnswer = (asked: NonNullable<ChatRequest['answer']>, material: Material): unknown => {
  if (!isAnswerName(asked.name)) {
    throw new ModelError('MODEL_BAD_REQUEST', `The rehearsal has no answer of the kind "${asked.name}".`, {
      provider,
      model,
      advice: `It has: ${Object.keys(answers).join(', ')}.`,
    });
  }
  const checked = asked.schema.safeParse(answerers[asked.name](material));
  if (checked.success) return checked.data;
  throw new ModelError(
    'MODEL_INVALID_ANSWER',
    `The rehearsed answer "${asked.name}" does not fit the schema it was asked for.`,
    {
      provider,
      model,
      problems: checked.error.issues.map(({ path, message }) => ({
        path: path.map(String).join('.'),
        message,
      })),
    },
  );
};

const pause = async (delayMs: number, signal: AbortSignal): Promise<void> => {
  try {
    signal.throwIfAborted();
    if (delayMs > 0) await sleep(delayMs, undefined, { signal });
  } catch (cause) {
    throw new ModelError('MODEL_ABORTED', 'The call was given up.', { provider, model, cause });
  }
};

const pieces = 4;

const stream = (content: readonly ContentPart[], { onText }: ChatOptions): void => {
  if (onText === undefined) return;
  for (const part of content) {
    if (part.kind !== 'text') continue;
    const length = Math.max(1, Math.ceil(part.text.length / pieces));
    for (let start = 0; start < part.text.length; start += length)
      onText(part.text.slice(start, start + length));
  }
};

const answered = (request: ChatRequest, content: readonly ContentPart[], structured: unknown): ChatAnswer => {
  const calls = content.some(({ kind }) => kind === 'tool_call');
  const said = content.map((part) => (part.kind === 'text' ? part.text : JSON.stringify(part))).join('\n');
  const usage: Usage = {
    inputTokens: estimateRequestTokens(request),
    // Never more than was reserved for it: a rehearsal is not cut off in the middle of a file.
    outputTokens: Math.min(estimateTokens(said), request.maxOutputTokens),
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costMicroUsd: 0,
    calls: 1,
  };
  return { model, content, structured, stopReason: calls ? 'tool_use' : 'end', usage };
};
