import type { Clock } from '../runtime/index.ts';

export interface Alarm {
  /** Rings at `time` (milliseconds since the epoch) if it would not ring before. */
  setFor(time: number): void;
  cancel(): void;
}

/** One timer for any number of due times: it sleeps until the earliest. */
export const alarm = (clock: Clock, ring: () => void): Alarm => {
  let setTo = Number.POSITIVE_INFINITY;
  let sleeping: AbortController | null = null;
  const cancel = () => {
    sleeping?.abort();
    sleeping = null;
    setTo = Number.POSITIVE_INFINITY;
  };
  const setFor = (time: number) => {
    if (time >= setTo) return;
    cancel();
    setTo = time;
    const controller = new AbortController();
    sleeping = controller;
    const woke = () => {
      if (sleeping !== controller) return;
      cancel();
      ring();
    };
    clock.sleep(time - clock.now(), controller.signal).then(woke, () => {});
  };
  return { setFor, cancel };
};
