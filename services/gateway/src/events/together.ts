/**
 * Does something at once when it was not done for so long; what it is asked for sooner is done once, for all, when that time is over.
 * Nothing is done after the signal aborts.
 */
export const together = (work: () => void, intervalMs: () => number, signal: AbortSignal): (() => void) => {
  let doneAt = Number.NEGATIVE_INFINITY;
  let waiting: NodeJS.Timeout | null = null;

  const now = (): void => {
    waiting = null;
    doneAt = performance.now();
    work();
  };

  signal.addEventListener('abort', () => clearTimeout(waiting ?? undefined), { once: true });
  return () => {
    if (waiting !== null || signal.aborted) return;
    const left = doneAt + intervalMs() - performance.now();
    // Timers are no finer than that.
    if (left < 1) now();
    else waiting = setTimeout(now, left);
  };
};
