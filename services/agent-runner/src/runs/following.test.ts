import { afterEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { type EventToAppend, streamName } from '@partitura/shared/events';
import { silentLogger } from '@partitura/shared/runtime';
import { recorder, virtualClock } from '@partitura/shared/runtime/testing';
import { following } from './following.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const queued = (label: string): EventToAppend => ({
  id: label,
  type: 'merge.queued',
  version: 1,
  data: { taskId: label, attemptId: label, branch: label, commit: label },
  time: '2026-01-01T00:00:00.000Z',
  metadata: { source: '/test', actor: 'user:test', correlationId: 'r_1', causationId: null },
});

const scene = async (take: (id: string) => void) => {
  const clock = virtualClock();
  const inner = openSqliteEventStore({ path: ':memory:' });
  closing.push(inner.close);
  let refusing = 0;
  const refused = recorder<number>();
  const store: EventStore = {
    ...inner,
    subscribe: (options) => {
      if (refusing === 0) return inner.subscribe(options);
      refusing -= 1;
      refused.add(refusing);
      throw new TypeError('A subscription that cannot be.');
    },
  };
  const seen = recorder<string>();
  const followed = following(
    { store, clock, logger: silentLogger },
    {
      name: 'test',
      filter: { categories: ['merge'] },
      take: ({ id }) => {
        take(id);
        seen.add(id);
        return null;
      },
    },
  );
  closing.push(() => followed.stop(0));
  return {
    clock,
    followed,
    seen,
    refused,
    refuse: (times: number) => {
      refusing = times;
    },
    append: (label: string) => inner.append(streamName('merge', 'r_1'), [queued(label)], 'any'),
  };
};

describe('following the log', () => {
  it('goes on from where it was after whatever it failed of, and says meanwhile that it does not follow', async () => {
    let broken = true;
    const { followed, append, seen, refuse, refused, clock } = await scene((id) => {
      if (id === 'b' && broken) {
        broken = false;
        throw new Error('Not this time.');
      }
    });
    await followed.start();
    await append('a');
    await seen.reached(1);
    refuse(2);
    await append('b');
    await append('c');
    while (clock.sleeping() === 0) await new Promise(setImmediate);
    expect(await followed.health.check()).toContain('Not this time.');
    await clock.advance(100);
    await refused.reached(1);
    expect(await followed.health.check()).toContain('has followed nothing since');
    await clock.advance(200);
    await refused.reached(2);
    await clock.advance(400);
    expect(await seen.reached(3)).toEqual(['a', 'b', 'c']);
    while ((await followed.health.check()) !== null) await new Promise(setImmediate);
  });

  it('is well again in a log in which nothing happens, once its subscription has stood for a while', async () => {
    const { followed, refuse, refused, clock } = await scene(() => undefined);
    refuse(1);
    await followed.start();
    await refused.reached(1);
    await clock.advance(100);
    expect(await followed.health.check()).not.toBeNull();
    await clock.advance(15_000);
    expect(await followed.health.check()).toBeNull();
  });
});
