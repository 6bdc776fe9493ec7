import { type Amount, addUsage, noUsage, tokensOf, type Usage } from '../../events/values.ts';
import type { Clock, Randomness } from '../../runtime/ports.ts';
import { ModelError, withDetails } from '../errors.ts';
import type { ChatAnswer, ChatModel, ChatOptions, ChatRequest } from '../port.ts';
import { abortedCall, type CircuitOptions, circuit } from './circuit.ts';

export interface ResilienceOptions {
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Tries at one answer, the first included. Default 3. */
  readonly tries?: number;
  /** Milliseconds before the second try, doubled before each further one, up to `maxBackoffMs`; less a random half. */
  readonly backoffMs?: number;
  readonly maxBackoffMs?: number;
  /** A longer wait than this is the caller's: it can park what it does, and free its place. Default 5,000. */
  readonly longestWaitMs?: number;
  readonly circuit?: CircuitOptions;
}

/** When a provider does not say how long. */
const rateLimitedForMs = 30_000;

const fits = (spent: Usage, worstCase: Amount, allowance: Amount): boolean =>
  tokensOf(spent) + worstCase.tokens <= allowance.tokens &&
  spent.costMicroUsd + worstCase.microUsd <= allowance.microUsd;

/** Rejects as soon as the signal says so, whatever the call still does. */
const untilAborted = async <Result>(
  call: Promise<Result>,
  signal: AbortSignal,
  aborted: () => ModelError,
): Promise<Result> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(aborted());
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([call, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};

/**
 * A model that gets over what passes: an overload, a cut stream, a short rate limit. Few tries, with backoff and jitter;
 * `Retry-After` is kept to exactly; longer waits are thrown for the caller to park on. What failed tries have cost is in the
 * usage of the answer, or of the error.
 */
export const resilient = (model: ChatModel, options: ResilienceOptions): ChatModel => {
  const {
    clock,
    randomness,
    tries = 3,
    backoffMs = 500,
    maxBackoffMs = 4_000,
    longestWaitMs = 5_000,
  } = options;
  const breaker = circuit(model.provider, clock, options.circuit ?? { failures: 10, openMs: 15_000 });

  const backoff = (failures: number): number =>
    Math.round(Math.min(maxBackoffMs, backoffMs * 2 ** (failures - 1)) * (1 - randomness.next() / 2));

  /** Milliseconds before the next try; null when there is to be none. */
  const waitAfter = (error: ModelError, failures: number): number | null => {
    const asked = error.retryAfterMs;
    if (asked !== null && asked > longestWaitMs) return null;
    switch (error.code) {
      case 'MODEL_RATE_LIMITED':
        return asked ?? backoff(failures);
      case 'MODEL_UNAVAILABLE':
      case 'MODEL_OVERLOADED':
      case 'MODEL_STREAM_CUT':
        return Math.max(asked ?? 0, backoff(failures));
      default:
        return null;
    }
  };

  const givenUp = (error: ModelError, spent: Usage): ModelError =>
    withDetails(error, {
      usage: spent,
      retryAfterMs: error.retryAfterMs ?? (error.code === 'MODEL_RATE_LIMITED' ? rateLimitedForMs : null),
    });

  const affordable = (request: ChatRequest, spent: Usage, { allowance = null }: ChatOptions): boolean =>
    allowance === null || spent.calls === 0 || fits(spent, model.measure(request).worstCase, allowance);

  const aborted = (request: ChatRequest, usage: Usage): ModelError =>
    withDetails(abortedCall(model.provider, request.model), { usage });

  const tryOnce = async (
    request: ChatRequest,
    chatOptions: ChatOptions,
  ): Promise<ChatAnswer | ModelError> => {
    const { signal } = chatOptions;
    if (signal.aborted) return aborted(request, noUsage);
    try {
      const call = breaker.execute(() => model.chat(request, chatOptions), { model: request.model, signal });
      return await untilAborted(call, signal, () => aborted(request, noUsage));
    } catch (error) {
      if (error instanceof ModelError) return error;
      throw error;
    }
  };

  const pause = async (
    request: ChatRequest,
    ms: number,
    signal: AbortSignal,
    spent: Usage,
  ): Promise<void> => {
    try {
      await clock.sleep(ms, signal);
    } catch {
      throw aborted(request, spent);
    }
  };

  return {
    provider: model.provider,
    measure: (request) => model.measure(request),
    chat: async (request, chatOptions) => {
      let spent = noUsage;
      for (let failures = 1; ; failures += 1) {
        const result = await tryOnce(request, chatOptions);
        spent = addUsage(spent, result.usage);
        if (!(result instanceof ModelError)) return { ...result, usage: spent };
        const wait = failures < tries ? waitAfter(result, failures) : null;
        if (wait === null || !affordable(request, spent, chatOptions)) throw givenUp(result, spent);
        await pause(request, wait, chatOptions.signal, spent);
      }
    },
  };
};
