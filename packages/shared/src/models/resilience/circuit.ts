import {
  BrokenCircuitError,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  TaskCancelledError,
} from 'cockatiel';
import type { Clock } from '../../runtime/ports.ts';
import { ModelError } from '../errors.ts';

export interface CircuitOptions {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** Milliseconds that it stays open; then one call goes through, and decides. */
  readonly openMs: number;
}

/** Failures of the provider, not of the request. */
const isOutage = (error: unknown): boolean =>
  error instanceof ModelError &&
  (error.code === 'MODEL_UNAVAILABLE' ||
    error.code === 'MODEL_OVERLOADED' ||
    error.code === 'MODEL_STREAM_CUT');

export interface Circuit {
  /** @throws {ModelError} `MODEL_UNAVAILABLE` without a call while it is open, with the time that it stays so */
  execute<Result>(
    call: () => Promise<Result>,
    asked: { readonly model: string; readonly signal: AbortSignal },
  ): Promise<Result>;
}

/**
 * Spares a provider that is down, and whoever waits for it: a thousand agents that each try three times are an attack. The
 * breaker keeps its own time (the system's); `clock` is for what is told of it.
 */
export const circuit = (provider: string, clock: Clock, { failures, openMs }: CircuitOptions): Circuit => {
  const breaker = circuitBreaker(handleWhen(isOutage), {
    halfOpenAfter: openMs,
    breaker: new ConsecutiveBreaker(failures),
  });
  let openedAt = 0;
  breaker.onBreak(() => {
    openedAt = clock.now();
  });

  const openError = (model: string, cause: BrokenCircuitError): ModelError =>
    new ModelError(
      'MODEL_UNAVAILABLE',
      `${provider} failed ${failures} times in a row; it is left alone for a while.`,
      {
        provider,
        model,
        retryAfterMs: Math.max(0, Math.min(openMs, openedAt + openMs - clock.now())),
        cause,
      },
    );

  return {
    execute: async (call, { model, signal }) => {
      try {
        return await breaker.execute(call, signal);
      } catch (error) {
        if (error instanceof BrokenCircuitError) throw openError(model, error);
        if (error instanceof TaskCancelledError) throw abortedCall(provider, model);
        throw error;
      }
    },
  };
};

export const abortedCall = (provider: string, model: string): ModelError =>
  new ModelError('MODEL_ABORTED', `The call to ${model} was aborted.`, { provider, model });
