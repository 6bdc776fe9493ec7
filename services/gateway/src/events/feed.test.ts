import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { beginning, type Position, type RecordedEvent } from '@partitura/shared/events';
import { runStory, tellStore } from '@partitura/shared/http/testing';
import { type Feed, type FeedOptions, sharedFeed } from './feed.ts';
import type { Following } from './following.ts';

let store: EventStore;
let done: AbortController;
beforeEach(() => {
  store = openSqliteEventStore({ path: ':memory:' });
  done = new AbortController();
});
afterEach(async () => {
  done.abort();
  await store.close();
});

/** A ring so small that whoever looks away for a moment has to read. */
const small = (over: Partial<FeedOptions> = {}): Feed =>
  sharedFeed({ store, bytesOf: () => 1, mostEvents: 3, ...over });

const storyOf = (run: number) => runStory({ projectId: `p_${run}`, runId: `r_${run}`, tasks: 1 });
const tell = (run: number): Promise<void> => tellStore(store, storyOf(run));
const everything = async () => (await Array.fromAsync(store.readAll())).flatMap(({ events }) => events);
const idsOf = (events: readonly RecordedEvent[]): readonly string[] => events.map(({ id }) => id);

/** Takes until the event of that id. `pause` is what a client does between two pages. */
const takeUntil = async (
  feed: Feed,
  last: string,
  after: Position,
  pause: () => Promise<void> = async () => undefined,
  following: Following = {},
): Promise<readonly string[]> => {
  const taken: string[] = [];
  for await (const events of feed.follow({ after, following, signal: done.signal })) {
    taken.push(...idsOf(events));
    if (taken.includes(last)) break;
    await pause();
  }
  return taken;
};

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

const counting = (counted: EventStore) => {
  let live = 0;
  let begun = 0;
  const watched: EventStore = {
    ...counted,
    async *subscribe(options) {
      live += 1;
      begun += 1;
      try {
        yield* counted.subscribe(options);
      } finally {
        live -= 1;
      }
    },
  };
  return { watched, live: () => live, begun: () => begun };
};

describe('a feed that many share', () => {
  it('gives each all that comes after where it begins, once and in order, however slow it is', async () => {
    await tell(1);
    const before = await everything();
    const starts = [
      beginning,
      ...[0, 7, 20, before.length - 1].map((at) => before[at]?.position ?? beginning),
    ];
    const lastRun = storyOf(4);
    const last = `${lastRun.at(-1)?.stream}/${lastRun.length - 1}`;
    const feed = small();
    const taking = starts.flatMap((after) =>
      [0, 1, 5, 40].map(async (slowness) => ({
        after,
        taken: await takeUntil(feed, last, after, () => turns(slowness)),
      })),
    );
    for (const run of [2, 3, 4]) await tell(run);
    const all = await everything();
    expect(all.at(-1)?.id).toBe(last);
    for (const { after, taken } of await Promise.all(taking))
      expect(taken).toEqual(idsOf(all.filter(({ position }) => position > after)));
  });

  it('does not lose what is recorded while one begins', async () => {
    await tell(1);
    const after = await store.head();
    const feed = small();
    const first = feed.follow({ after, following: {}, signal: done.signal });
    const taken = first.next();
    await tell(2);
    const events = (await taken).value ?? [];
    expect(idsOf(events)[0]).toBe(idsOf((await everything()).filter(({ position }) => position > after))[0]);
    await first.return(undefined);
  });

  it('has of what is asked for what the store has of it, also where nothing else came for long', async () => {
    const feed = small();
    const types = ['run.completed'];
    const following = { runId: 'r_3', types };
    const ahead = feed.follow({ after: beginning, following: {}, signal: done.signal });
    const first = ahead.next();
    await tell(1);
    await first;
    // The ring is far beyond where it begins, and none of what lies between is asked for.
    const taken = feed.follow({ after: beginning, following, signal: done.signal });
    const next = taken.next();
    await turns(5);
    for (const run of [2, 3]) await tell(run);
    const events: readonly RecordedEvent[] = (await next).value ?? [];
    expect(events.map(({ type, metadata }) => [type, metadata.runId])).toEqual([['run.completed', 'r_3']]);
    await Promise.all([ahead.return(undefined), taken.return(undefined)]);
  });

  it('asks the store once for all, and not while nobody follows', async () => {
    const { watched, live, begun } = counting(store);
    const feed = small({ store: watched });
    for (const run of [1, 2]) {
      const followers = Array.from({ length: 20 }, () =>
        feed.follow({ after: beginning, following: {}, signal: done.signal }),
      );
      await tell(run);
      await Promise.all(followers.map((follower) => follower.next()));
      expect(live()).toBe(1);
      await Promise.all(followers.map((follower) => follower.return(undefined)));
      while (live() > 0) await turns(1);
      expect(begun()).toBe(run);
    }
  });

  it('says to all when the store breaks off, and begins anew for who comes then', async () => {
    let broken = true;
    const breaking: EventStore = {
      ...store,
      async *subscribe(options) {
        for await (const page of store.subscribe(options)) {
          yield page;
          if (broken) throw new Error('The log is away.');
        }
      },
    };
    const feed = small({ store: breaking });
    const followers = [1, 2, 3].map(() => takeUntil(feed, 'never', beginning));
    const ends = Promise.allSettled(followers);
    await turns(5);
    await tell(1);
    for (const end of await ends) expect(end).toMatchObject({ reason: new Error('The log is away.') });
    broken = false;
    const all = idsOf(await everything());
    expect(await takeUntil(feed, all.at(-1) ?? '', beginning)).toEqual(all);
  });

  it('keeps no more than it may of events that are big', async () => {
    const feed = small({ mostEvents: 1_000, mostBytes: 10, bytesOf: () => 6 });
    const idle = feed.follow({ after: beginning, following: {}, signal: done.signal });
    const first = idle.next();
    await tell(1);
    const taken = [...((await first).value ?? [])];
    await tell(2);
    const all = idsOf(await everything());
    for await (const events of idle) {
      taken.push(...events);
      if (events.at(-1)?.id === all.at(-1)) break;
    }
    expect(idsOf(taken)).toEqual(all);
  });
});
