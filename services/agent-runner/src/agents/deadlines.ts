import type { Clock } from '@partitura/shared/runtime';

interface Entry {
  readonly at: number;
  readonly fire: () => void;
}

/**
 * Any number of deadlines on one timer: the earliest one's. Most attempts end long before theirs, so adding and taking away one
 * has to cost next to nothing.
 */
export interface Deadlines {
  /** Answers how to take it away again. */
  add(at: number, fire: () => void): () => void;
}

export const deadlines = (clock: Clock): Deadlines => {
  const entries = new Set<Entry>();
  let sleeping: { readonly until: number; readonly end: AbortController } | null = null;

  const wakeUp = (): void => {
    sleeping?.end.abort(null);
    sleeping = null;
  };

  const fireDue = (): void => {
    const now = clock.now();
    for (const entry of [...entries]) {
      if (entry.at > now) continue;
      entries.delete(entry);
      entry.fire();
    }
  };

  /** Sleeps until the earliest; whoever comes with an earlier one sleeps anew. */
  const sleep = (until: number): void => {
    const end = new AbortController();
    sleeping = { until, end };
    clock.sleep(until - clock.now(), end.signal).then(
      () => {
        sleeping = null;
        fireDue();
        const next = Math.min(...[...entries].map(({ at }) => at));
        if (Number.isFinite(next)) sleep(next);
      },
      () => undefined,
    );
  };

  return {
    add: (at, fire) => {
      const entry = { at, fire };
      entries.add(entry);
      if (Number.isFinite(at) && (sleeping === null || at < sleeping.until)) {
        wakeUp();
        sleep(at);
      }
      return () => {
        entries.delete(entry);
        if (entries.size === 0) wakeUp();
      };
    },
  };
};
