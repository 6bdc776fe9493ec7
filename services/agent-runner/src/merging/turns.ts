/** One after the other per key; at most `limit` keys at the same time. Those who wait cost a promise each. */
export const turns = (limit: number) => {
  const last = new Map<string, Promise<unknown>>();
  const waiting: (() => void)[] = [];
  let busy = 0;

  const seat = async (): Promise<void> => {
    if (busy < limit) {
      busy += 1;
      return;
    }
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
  };
  /** Whoever has waited longest takes the seat over. */
  const leave = (): void => {
    const following = waiting.shift();
    if (following) following();
    else busy -= 1;
  };

  return async <Result>(key: string, work: () => Promise<Result>): Promise<Result> => {
    const before = last.get(key) ?? Promise.resolve();
    const mine = before.then(async () => {
      await seat();
      return work().finally(leave);
    });
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    last.set(key, settled);
    try {
      return await mine;
    } finally {
      if (last.get(key) === settled) last.delete(key);
    }
  };
};
