/** Counts what happens, and lets others wait until enough of it has. */
export interface EventCount {
  add(): void;
  /** Resolves after so many more. Rejects with the signal's reason. */
  more(count: number, signal: AbortSignal): Promise<void>;
}

export const eventCount = (): EventCount => {
  let total = 0;
  const waiting = new Set<{ readonly until: number; readonly resolve: () => void }>();
  return {
    add: () => {
      total += 1;
      for (const one of waiting) {
        if (total < one.until) continue;
        waiting.delete(one);
        one.resolve();
      }
    },
    more: (count, signal) =>
      new Promise<void>((resolve, reject) => {
        signal.throwIfAborted();
        waiting.add({ until: total + count, resolve });
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
  };
};
