import type { Usage } from '@partitura/shared/events';
import { type ChatModel, type ChatRequest, ModelError, type ModelErrorCode } from '@partitura/shared/models';

export const modelName = 'anthropic/claude-test';

/** What the model does when it is asked for an answer. */
export type Reaction =
  | { readonly kind: 'answer'; readonly value: unknown }
  | { readonly kind: 'fail'; readonly code: ModelErrorCode; readonly retryAfterMs?: number }
  /** Never comes back until it is aborted. */
  | { readonly kind: 'hang' };

export interface ScriptedModel extends ChatModel {
  /** Every request, in order. */
  readonly asked: readonly ChatRequest[];
}

export const answerUsage: Usage = {
  inputTokens: 1_000,
  outputTokens: 500,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costMicroUsd: 10_500,
  calls: 1,
};

export interface ScriptOptions {
  readonly contextWindow?: number;
  readonly inputTokens?: number;
}

/** Reacts to the n-th request for each answer with the n-th reaction, and with the last one from then on. */
export const scriptedModel = (
  script: Readonly<Record<string, readonly Reaction[]>>,
  { contextWindow = 200_000, inputTokens = 1_000 }: ScriptOptions = {},
): ScriptedModel => {
  const asked: ChatRequest[] = [];
  const failure = (code: ModelErrorCode, retryAfterMs: number | null = null): ModelError =>
    new ModelError(code, `The model says ${code}.`, {
      provider: 'anthropic',
      model: modelName,
      retryAfterMs,
    });
  const react = (reaction: Reaction | undefined, signal: AbortSignal): Promise<unknown> => {
    if (reaction?.kind === 'answer') return Promise.resolve(reaction.value);
    if (reaction?.kind !== 'hang') {
      return Promise.reject(failure(reaction?.code ?? 'MODEL_BAD_REQUEST', reaction?.retryAfterMs ?? null));
    }
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject(failure('MODEL_ABORTED'))),
    );
  };
  return {
    provider: 'anthropic',
    asked,
    measure: (request) => {
      const tokens = inputTokens + request.maxOutputTokens;
      return { inputTokens, contextWindow, worstCase: { tokens, microUsd: tokens * 15 } };
    },
    chat: async (request, { signal }) => {
      const name = request.answer?.name ?? '';
      const reactions = script[name] ?? [];
      const before = asked.filter((one) => one.answer?.name === name).length;
      asked.push(request);
      const structured = await react(reactions[Math.min(before, reactions.length - 1)], signal);
      return {
        model: modelName,
        content: [{ kind: 'text', text: JSON.stringify(structured) }],
        structured,
        stopReason: 'end',
        usage: answerUsage,
      };
    },
  };
};
