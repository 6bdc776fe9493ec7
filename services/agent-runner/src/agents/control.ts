import type { Clock } from '@partitura/shared/runtime';
import type { Deadlines } from './deadlines.ts';

/** Why an attempt does not go on, besides its own end. */
export type Interruption =
  | { readonly kind: 'cancelled'; readonly reason: string }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'shutdown' };

/**
 * The strings on which an attempt hangs: the operator's, the run's and the clock's. Nothing polls, and the deadlines of all
 * attempts share a timer: thousands of them wait at the same time.
 */
export interface AttemptControl {
  /** Aborts whatever is at work when the attempt is interrupted. */
  readonly signal: AbortSignal;
  /**
   * Of one effect that an operator may break off without ending the attempt. An answer that is on its way is none: it is paid for.
   */
  brokenOff(): AbortSignal;
  /** Breaks off the effect at work, once for each id. */
  breakOff(id: string): void;
  interruption(): Interruption | null;
  interrupt(why: Interruption): void;
  /** Whether the attempt is to come to rest: as its run is paused, or its runner is about to stop. */
  isPaused(): boolean;
  /** A pause lets what is at work come to its end; only waiting ends at once. */
  setPaused(paused: boolean): void;
  /** The runner is about to stop: as a pause, and for good. An answer that is on its way is waited for, since it is paid for. */
  rest(): void;
  isResting(): boolean;
  /** Something of the run changed: whoever waits looks again. */
  wake(): void;
  /** Until the time has come, or the attempt is paused or interrupted. The deadline moves by as much. */
  sleepUntil(time: number): Promise<void>;
  /** Until `wake`, a pause or an interruption. */
  change(): Promise<void>;
  /** No timer is left behind. */
  close(): void;
}

export const attemptControl = (clock: Clock, deadlines: Deadlines, deadlineAt: number): AttemptControl => {
  const work = new AbortController();
  const obeyed = new Set<string>();
  let effect = new AbortController();
  let why: Interruption | null = null;
  let paused = false;
  let resting = false;
  let waiting: (() => void) | null = null;

  const wake = (): void => {
    waiting?.();
    waiting = null;
  };
  const interrupt = (reason: Interruption): void => {
    if (why) return;
    why = reason;
    work.abort(new Error(reason.kind));
    wake();
  };
  const expire = (): void => interrupt({ kind: 'timed_out' });
  let deadline = deadlineAt;
  let forget = deadlines.add(deadline, expire);
  const moveDeadline = (by: number): void => {
    deadline += by;
    forget();
    forget = deadlines.add(deadline, expire);
  };

  const change = (): Promise<void> =>
    why || paused || resting
      ? Promise.resolve()
      : new Promise((resolve) => {
          waiting = resolve;
        });

  return {
    signal: work.signal,
    brokenOff: () => {
      effect = new AbortController();
      return effect.signal;
    },
    breakOff: (id) => {
      if (obeyed.has(id)) return;
      obeyed.add(id);
      effect.abort(new Error('An operator interrupted.'));
    },
    interruption: () => why,
    interrupt,
    isPaused: () => paused || resting,
    setPaused: (value) => {
      paused = value;
      wake();
    },
    rest: () => {
      resting = true;
      wake();
    },
    isResting: () => resting,
    wake,
    change,
    sleepUntil: async (time) => {
      const begun = clock.now();
      if (time <= begun) return;
      moveDeadline(time - begun);
      const awake = new AbortController();
      const asleep = clock.sleep(time - begun, awake.signal).catch(() => undefined);
      while (!why && !paused && !resting && clock.now() < time) await Promise.race([asleep, change()]);
      awake.abort(null);
      moveDeadline(-Math.max(0, time - clock.now()));
    },
    close: () => {
      forget();
      wake();
    },
  };
};
