import { describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { asOrganizationId } from '@partitura/shared/events';
import { silentLogger } from '@partitura/shared/runtime';
import { sequentialIds, virtualClock } from '@partitura/shared/runtime/testing';
import { localCaller, readingFor } from './caller.ts';
import { withNotedReads } from './noted-reads.ts';
import { type Read, recordReads } from './reads.ts';

const read = (actor: string, target: string, organization: string | null = null): Read => ({
  actor,
  organizationId: organization === null ? null : asOrganizationId(organization),
  operation: 'getRun',
  target,
  correlationId: 'q',
});

const open = (store: EventStore, mostTold?: number) => {
  const clock = virtualClock();
  const reads = recordReads({
    store,
    clock,
    ids: sequentialIds(),
    logger: silentLogger,
    ...(mostTold === undefined ? {} : { mostTold }),
  });
  return { clock, reads };
};
const recorded = async (store: EventStore) =>
  (await Array.fromAsync(store.readAll())).flatMap(({ events }) =>
    events.map(({ stream, metadata, data }) => ({ stream, actor: metadata.actor, ...Object(data) })),
  );

const operationOf = ({ operation }: { readonly operation: string }): string => operation;

describe('reads on record', () => {
  it('are told once a second, one event for each who looked, in the log of the organisation', async () => {
    const store = openSqliteEventStore({ path: ':memory:' });
    const { clock, reads } = open(store);
    for (let time = 0; time < 3; time += 1) reads.note(read('key:a', '/api/v1/runs/r_1'));
    reads.note(read('key:a', '/api/v1/runs/r_2'));
    reads.note(read('user:b', '/api/v1/runs/r_3', 'acme'));
    expect(await recorded(store)).toEqual([]);
    await clock.advance(1_000);
    await reads.close();
    expect(await recorded(store)).toMatchObject([
      {
        stream: 'audit-default',
        actor: 'key:a',
        reads: [
          { operation: 'getRun', target: '/api/v1/runs/r_1', count: 3 },
          { operation: 'getRun', target: '/api/v1/runs/r_2', count: 1 },
        ],
        more: 0,
      },
      { stream: 'audit-acme', actor: 'user:b', reads: [{ target: '/api/v1/runs/r_3', count: 1 }] },
    ]);
    await store.close();
  });

  it('are in the log before they are answered, where somebody takes all of something along', async () => {
    const store = openSqliteEventStore({ path: ':memory:' });
    const { clock, reads } = open(store);
    const answer = async (): Promise<unknown> => ({ items: [] });
    const caller = withNotedReads({ call: answer }, reads);
    const asking = { ...readingFor(localCaller, 'q'), actor: 'user:a' };
    const input = { params: { id: 'r_1', model: 'runs' }, query: {}, body: null };
    // Nobody lets time pass: what is only noted is not there yet, and comes along.
    await caller.call('getRun', input, asking);
    expect(await recorded(store)).toEqual([]);
    for (const name of ['exportNdjson', 'exportRunBundle', 'listSubjects'] as const)
      await caller.call(name, input, asking);
    const operations = (await recorded(store)).map(({ reads }) => reads.map(operationOf));
    expect(operations).toEqual([['getRun', 'exportNdjson'], ['exportRunBundle'], ['listSubjects']]);
    await clock.advance(1_000);
    await reads.close();
    expect(await recorded(store)).toHaveLength(3);
    await store.close();
  });

  it('are told at the end, and beyond so many only counted', async () => {
    const store = openSqliteEventStore({ path: ':memory:' });
    const { reads } = open(store, 2);
    for (const target of ['/1', '/2', '/3', '/4', '/2']) reads.note(read('key:a', target));
    await reads.close();
    expect(await recorded(store)).toMatchObject([
      {
        reads: [
          { target: '/1', count: 1 },
          { target: '/2', count: 2 },
        ],
        more: 2,
      },
    ]);
    await store.close();
  });

  it('are kept while the log is away, and told once it is back', async () => {
    const store = openSqliteEventStore({ path: ':memory:' });
    const tried = Promise.withResolvers<void>();
    let away = true;
    const { clock, reads } = open({
      ...store,
      append: async (...append) => {
        if (!away) return store.append(...append);
        away = false;
        tried.resolve();
        throw new Error('The log is away.');
      },
    });
    reads.note(read('key:a', '/1'));
    await clock.advance(1_000);
    await tried.promise;
    reads.note(read('key:a', '/1'));
    await reads.close();
    expect(await recorded(store)).toMatchObject([{ reads: [{ target: '/1', count: 2 }] }]);
    await store.close();
  });
});
