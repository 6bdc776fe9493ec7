export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: unknown): void;
}

export const deferred = <Value>(): Deferred<Value> => Promise.withResolvers<Value>();

/** Collects what happens and lets a test wait until enough of it has: no sleeping, no polling. */
export interface Recorder<Item> {
  readonly items: readonly Item[];
  add(item: Item): void;
  /** Resolves to all items as soon as there are `count`. */
  reached(count: number): Promise<readonly Item[]>;
}

export const recorder = <Item>(): Recorder<Item> => {
  const items: Item[] = [];
  let waiting: { count: number; resolve: () => void }[] = [];
  return {
    items,
    add: (item) => {
      items.push(item);
      const ready = waiting.filter(({ count }) => items.length >= count);
      waiting = waiting.filter(({ count }) => items.length < count);
      for (const { resolve } of ready) resolve();
    },
    reached: async (count) => {
      if (items.length < count) await new Promise<void>((resolve) => waiting.push({ count, resolve }));
      return items;
    },
  };
};
