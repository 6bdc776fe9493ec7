import { afterEach } from '@jest/globals';
import type { RecordedEvent } from '@partitura/shared/events';
import { type WorldOptions, world } from './world.ts';

/** Opens worlds and closes them after each test. */
export const worlds = () => {
  const opened: ReturnType<typeof world>[] = [];
  afterEach(async () => {
    const closing = opened.splice(0);
    for (const one of closing) await one.stop();
    for (const store of new Set(closing.map((one) => one.store))) await store.close();
  });
  return (options: WorldOptions) => {
    const one = world(options);
    opened.push(one);
    return one;
  };
};

export const typesOf = (events: readonly { readonly type: string }[]): string[] =>
  events.map(({ type }) => type);

export const dataOf = (events: readonly RecordedEvent[], type: string): unknown[] =>
  events.filter((event) => event.type === type).map(({ data }) => data);
