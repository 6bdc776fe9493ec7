import { noUsage, type Usage } from '../events/values.ts';
import { type AnswerBuilder, answerBuilder } from './answer-builder.ts';
import { ModelError, withDetails } from './errors.ts';
import type { ChatAnswer, ChatOptions, ChatRequest, ContentPart, StopReason } from './port.ts';
import type { PriceTable, TokenCounts } from './prices/index.ts';
import { readStructured } from './structured.ts';
import type { CallContext } from './wire-errors.ts';

/** A provider's protocol: how its stream is opened, read, and fails. */
export interface Protocol<Event> {
  /** Sends the request. The signal ends it. */
  open(signal: AbortSignal): Promise<AsyncIterable<Event>>;
  take(event: Event, answer: AnswerBuilder): void;
  /** Null for an error that is no answer of the provider: a connection that could not be made, or broke. */
  errorOf(error: unknown): ModelError | null;
}

export interface StreamedCall {
  readonly request: ChatRequest;
  readonly options: ChatOptions;
  readonly context: CallContext;
  readonly prices: PriceTable;
  /** Milliseconds without a word after which a stream counts as cut. */
  readonly idleMs: number;
}

/** Aborts when nothing came for a while: a connection can die without anybody hearing of it. */
const idleWatch = (idleMs: number) => {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), idleMs);
  return { signal: controller.signal, touch: () => timer.refresh(), stop: () => clearTimeout(timer) };
};

const nothing: TokenCounts = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

/** What an answer that broke off has cost: as reported, or else as estimated; nothing when not a word had come. */
const spentOn = ({ request, prices }: StreamedCall, answer: AnswerBuilder): Usage => {
  if (answer.counts === null && answer.isEmpty()) return noUsage;
  const estimated = answer.counts ?? { ...nothing, inputTokens: prices.measure(request).inputTokens };
  const factor = prices.requirePrice(request.model).tokenFactor;
  const outputTokens = Math.max(estimated.outputTokens, Math.ceil(answer.estimatedOutputTokens() * factor));
  return prices.usageOf(request.model, { ...estimated, outputTokens });
};

const failureOf = <Event>(
  call: StreamedCall,
  protocol: Protocol<Event>,
  answer: AnswerBuilder,
  opened: boolean,
  cause: unknown,
) => {
  const { provider, model } = call.context;
  const usage = spentOn(call, answer);
  if (call.options.signal.aborted) {
    return new ModelError('MODEL_ABORTED', `The call to ${model} was aborted.`, {
      provider,
      model,
      usage,
      cause,
    });
  }
  const error = cause === null ? null : protocol.errorOf(cause);
  if (error !== null) return withDetails(error, { usage });
  if (opened)
    return new ModelError('MODEL_STREAM_CUT', `The answer of ${model} broke off.`, {
      provider,
      model,
      usage,
      cause,
    });
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ModelError('MODEL_UNAVAILABLE', `${model} cannot be reached: ${reason}`, {
    provider,
    model,
    usage,
    advice: 'Check the network and the base URL.',
    cause,
  });
};

const receive = async <Event>(
  call: StreamedCall,
  protocol: Protocol<Event>,
  answer: AnswerBuilder,
): Promise<StopReason> => {
  const idle = idleWatch(call.idleMs);
  let opened = false;
  try {
    const events = await protocol.open(AbortSignal.any([call.options.signal, idle.signal]));
    opened = true;
    for await (const event of events) {
      idle.touch();
      protocol.take(event, answer);
    }
  } catch (error) {
    throw failureOf(call, protocol, answer, opened, error);
  } finally {
    idle.stop();
  }
  // The SDKs end a stream quietly when it is aborted, and do not notice one that ends too early.
  if (answer.stopReason === null || call.options.signal.aborted)
    throw failureOf(call, protocol, answer, opened, null);
  return answer.stopReason;
};

const textOf = (content: readonly ContentPart[]): string =>
  content.map((part) => (part.kind === 'text' ? part.text : '')).join('');

const invalid = (
  call: StreamedCall,
  usage: Usage,
  message: string,
  problems: readonly { path: string; message: string }[] = [],
) =>
  new ModelError('MODEL_INVALID_ANSWER', message, {
    provider: call.context.provider,
    model: call.context.model,
    usage,
    problems,
  });

const structuredOf = (
  call: StreamedCall,
  content: readonly ContentPart[],
  stopReason: StopReason,
  usage: Usage,
): unknown => {
  const { answer, maxOutputTokens } = call.request;
  if (answer === null || stopReason === 'refusal' || stopReason === 'tool_use') return null;
  const read = readStructured(textOf(content), answer);
  if (read.valid) return read.value;
  const cut = `The answer was cut off after ${usage.outputTokens} tokens (at the most ${maxOutputTokens} were asked for).`;
  throw invalid(
    call,
    usage,
    stopReason === 'length' ? `${cut} ${read.message}` : read.message,
    read.problems,
  );
};

/**
 * One try at one answer.
 * @throws {ModelError} with what the try has cost
 */
export const streamedChat = async <Event>(
  call: StreamedCall,
  protocol: Protocol<Event>,
): Promise<ChatAnswer> => {
  const answer = answerBuilder((text) => call.options.onText?.(text));
  const stopReason = await receive(call, protocol, answer);
  const usage =
    answer.counts === null ? spentOn(call, answer) : call.prices.usageOf(call.request.model, answer.counts);
  const built = answer.content();
  if (!built.complete) throw invalid(call, usage, built.message);
  return {
    model: call.request.model,
    content: built.content,
    structured: structuredOf(call, built.content, stopReason, usage),
    stopReason,
    usage,
  };
};
