import type { Logger } from './logging.ts';
import type { Clock } from './ports.ts';
import type { Component } from './service.ts';

export interface LifecycleOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface RunningComponents {
  /**
   * Stops all, the last started first, within `graceMs` for all of them together. One that fails to stop does not keep the others
   * from it; one that does not come back in time is left behind. Never rejects; again, it answers with the first stop.
   */
  stop(graceMs: number): Promise<StopReport>;
}

export interface StopReport {
  /** Components that failed to stop or did not come back in time. */
  readonly unclean: readonly string[];
}

/** For one that used its time up to say so: the host waits this much longer before it goes on without it. */
const lastCallMs = 250;

/** What a component still gets when those before it used the whole grace up: enough to close a file. */
const leastGraceMs = 50;

/**
 * Starts components one after the other. When one fails, those already started are stopped again and its error is thrown.
 */
export const runComponents = async (
  components: readonly Component[],
  { clock, logger }: LifecycleOptions,
): Promise<RunningComponents> => {
  const started: Component[] = [];
  const stopStarted = async (graceMs: number): Promise<StopReport> => {
    const deadline = clock.now() + graceMs;
    const unclean: string[] = [];
    for (const component of started.toReversed()) {
      const left = Math.max(leastGraceMs, deadline - clock.now());
      if (!(await stopOne(component, left, { clock, logger }))) unclean.push(component.name);
    }
    return { unclean };
  };

  for (const component of components) {
    try {
      await component.start();
    } catch (error) {
      logger.error({ component: component.name, error }, 'a component did not start');
      await stopStarted(startFailureGraceMs);
      throw error;
    }
    started.push(component);
    logger.debug({ component: component.name }, 'started');
  }

  let stopping: Promise<StopReport> | null = null;
  return {
    stop: (graceMs) => {
      stopping ??= stopStarted(graceMs);
      return stopping;
    },
  };
};

const startFailureGraceMs = 5_000;

/** True when it stopped properly. */
const stopOne = async (
  component: Component,
  graceMs: number,
  { clock, logger }: LifecycleOptions,
): Promise<boolean> => {
  const enough = new AbortController();
  const tooLate = clock.sleep(graceMs + lastCallMs, enough.signal).then(
    () => {
      logger.warn({ component: component.name, graceMs }, 'did not stop in time and is left behind');
      return false;
    },
    () => false,
  );
  const stopped = Promise.resolve()
    .then(() => component.stop(graceMs))
    .then(
      () => true,
      (error: unknown) => {
        logger.error({ component: component.name, error }, 'failed to stop');
        return false;
      },
    );
  const clean = await Promise.race([stopped, tooLate]);
  enough.abort();
  return clean;
};

/** Where signals come from: the process, or in a test an emitter. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
}

export interface ShutdownHandlers {
  /** At the first SIGINT or SIGTERM: finish what is at hand. */
  readonly graceful: (signal: NodeJS.Signals) => void;
  /** At the second: end now. Everything is in the log. */
  readonly immediate: (signal: NodeJS.Signals) => void;
}

/** The signals that ask a program to end, in the order people send them. Returns what takes the handlers off again. */
export const onShutdownSignals = (source: SignalSource, handlers: ShutdownHandlers): (() => void) => {
  const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];
  let asked = false;
  const listener = (signal: NodeJS.Signals) => {
    if (asked) handlers.immediate(signal);
    else {
      asked = true;
      handlers.graceful(signal);
    }
  };
  for (const signal of signals) source.on(signal, listener);
  return () => {
    for (const signal of signals) source.off(signal, listener);
  };
};
