import { ModelError } from '../errors.ts';
import { parseModelName } from '../model-name.ts';
import type { ChatAnswer, ChatModel, ChatRequest, ModelErrorCode } from '../port.ts';
import type { PriceTable } from '../prices/index.ts';
import type { ModelAnswered, ModelFailed, ModelRequested, RecordedCalls } from './recorded-calls.ts';

type RecordedModelEvent =
  | Pick<ModelRequested, 'type' | 'data'>
  | Pick<ModelAnswered, 'type' | 'data'>
  | Pick<ModelFailed, 'type' | 'data'>;
type Outcome = Exclude<RecordedModelEvent, { type: 'model.requested' }>;

export interface RecordedModel extends ChatModel {
  /**
   * What came back for the call with this id.
   * @throws {ModelError} `MODEL_NOT_RECORDED`, or the failure that was recorded
   */
  answerTo(callId: string): Promise<ChatAnswer>;
}

const notRecorded = (model: string, what: string): ModelError =>
  new ModelError('MODEL_NOT_RECORDED', `The log has no answer to ${what}.`, {
    provider: 'recorded',
    model,
    advice:
      'A replay asks nobody: where it asks something new, it has diverged from the record. Fork the run to ask a model.',
  });

const rebuilt = ({ data }: ModelFailed): ModelError =>
  new ModelError(data.problem.code as ModelErrorCode, data.problem.message, {
    provider: parseModelName(data.model).provider,
    model: data.model,
    retryAfterMs: data.retryAfterMs,
    usage: data.usage,
  });

/**
 * A model that answers from the log, and asks nobody. A request is known by its hash; where the same was asked several times
 * (after a failure, say), the outcomes come in the order they were recorded, and the last one again after that.
 */
export const recordedModel = (dependencies: {
  readonly calls: RecordedCalls;
  readonly prices: PriceTable;
  /** The model's events of a stream, in order; others may be among them. */
  readonly events: readonly { readonly type: string; readonly data: unknown }[];
}): RecordedModel => {
  const { calls, prices } = dependencies;
  const outcomes = new Map<string, Outcome>();
  const callsByRequest = new Map<string, string[]>();
  for (const event of dependencies.events.filter(isModelEvent)) {
    if (event.type !== 'model.requested') outcomes.set(event.data.callId, event);
    else {
      const asked = callsByRequest.get(event.data.request.hash) ?? [];
      if (!asked.includes(event.data.callId)) asked.push(event.data.callId);
      callsByRequest.set(event.data.request.hash, asked);
    }
  }

  const answerOf = async (callId: string, what: string, model: string): Promise<ChatAnswer> => {
    const outcome = outcomes.get(callId);
    if (outcome === undefined) throw notRecorded(model, what);
    if (outcome.type === 'model.failed') throw rebuilt(outcome);
    return calls.recall(outcome);
  };

  return {
    provider: 'recorded',
    answerTo: (callId) => answerOf(callId, `call "${callId}"`, 'recorded'),
    measure: (request) => prices.measure(request),
    chat: async (request: ChatRequest, { signal, onText }) => {
      if (signal.aborted)
        throw new ModelError('MODEL_ABORTED', 'Aborted.', { provider: 'recorded', model: request.model });
      const hash = calls.requestHash(request);
      const asked = callsByRequest.get(hash) ?? [];
      const callId = asked.length > 1 ? asked.shift() : asked[0];
      if (callId === undefined)
        throw notRecorded(request.model, `this request (${hash.slice(0, 12)}…) to ${request.model}`);
      const answer = await answerOf(callId, `call "${callId}"`, request.model);
      for (const part of answer.content) if (part.kind === 'text') onText?.(part.text);
      return answer;
    },
  };
};

const isModelEvent = (event: {
  readonly type: string;
  readonly data: unknown;
}): event is RecordedModelEvent =>
  event.type === 'model.requested' || event.type === 'model.answered' || event.type === 'model.failed';
