/** Lets readers that have come to the end sleep until something was recorded. */
export interface WakeUp {
  /** How often it rang. Taken before reading, so that what is recorded meanwhile is not slept through. */
  count(): number;
  ring(): void;
  /** Resolves when the count has gone past `seen`, and when the signal aborts. */
  after(seen: number, signal: AbortSignal): Promise<void>;
}

export const wakeUp = (): WakeUp => {
  let count = 0;
  let sleepers = new Set<() => void>();
  return {
    count: () => count,
    ring: () => {
      count += 1;
      const woken = sleepers;
      sleepers = new Set();
      for (const wake of woken) wake();
    },
    after: (seen, signal) =>
      new Promise((resolve) => {
        if (count > seen || signal.aborted) {
          resolve();
          return;
        }
        const wake = (): void => {
          sleepers.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        sleepers.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      }),
  };
};
