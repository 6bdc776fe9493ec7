import { addUsage, noUsage, type Usage } from '../../events/values.ts';
import { ModelError, withDetails } from '../errors.ts';
import type { ChatAnswer, ChatModel, ChatOptions, ChatRequest, ModelErrorCode } from '../port.ts';

export interface NamedModel {
  /** `provider/model`. */
  readonly name: string;
  readonly model: ChatModel;
}

/** What another model may be better at. Not a conversation that is too long, nor an answer that is wrong: the caller's part. */
const passesOn: ReadonlySet<ModelErrorCode> = new Set([
  'MODEL_UNAUTHORIZED',
  'MODEL_NOT_CONFIGURED',
  'MODEL_NOT_FOUND',
  'MODEL_UNAVAILABLE',
  'MODEL_OVERLOADED',
  'MODEL_STREAM_CUT',
]);

/**
 * The first model that answers, in order. The answer says which one it was; what the others have cost is in its usage. It is
 * measured as the dearest and the narrowest of them, since any of them may answer.
 */
export const withFallback = (models: readonly [NamedModel, ...NamedModel[]]): ChatModel => {
  const [first] = models;

  const ask = async (
    remaining: readonly NamedModel[],
    request: ChatRequest,
    options: ChatOptions,
    spent: Usage,
  ): Promise<ChatAnswer> => {
    const [next, ...others] = remaining;
    if (next === undefined) throw new RangeError('A fall-back chain needs a model.');
    try {
      const answer = await next.model.chat({ ...request, model: next.name }, options);
      return { ...answer, usage: addUsage(spent, answer.usage) };
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      const spentNow = addUsage(spent, error.usage);
      if (others.length === 0 || !passesOn.has(error.code)) throw withDetails(error, { usage: spentNow });
      return ask(others, request, options, spentNow);
    }
  };

  return {
    provider: first.model.provider,
    chat: (request, options) => ask(models, request, options, noUsage),
    measure: (request) =>
      models
        .map(({ name, model }) => model.measure({ ...request, model: name }))
        .reduce((one, other) => ({
          inputTokens: Math.max(one.inputTokens, other.inputTokens),
          contextWindow: Math.min(one.contextWindow, other.contextWindow),
          worstCase: {
            tokens: Math.max(one.worstCase.tokens, other.worstCase.tokens),
            microUsd: Math.max(one.worstCase.microUsd, other.worstCase.microUsd),
          },
        })),
  };
};
