/** Work that must not overlap, one line of waiting per key; different keys do not know of each other. */
export type Serialised = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

export const serialised = (): Serialised => {
  const tails = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = tails.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => undefined);
    tails.set(key, settled);
    try {
      return await mine;
    } finally {
      if (tails.get(key) === settled) tails.delete(key);
    }
  };
};
