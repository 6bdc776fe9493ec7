import { expect, it } from '@jest/globals';
import { openSqliteEventStore } from '../event-store/index.ts';
import { type MergeEvent, streamName } from '../events/index.ts';
import { commandHandler } from './command-handling.ts';
import type { Decider } from './decider.ts';

const stream = streamName('merge', 'r_1');

const came = (who: string): MergeEvent => ({
  type: 'merge.queued',
  data: { taskId: 'seat', attemptId: who, branch: who, commit: who },
});

/** Guests come when the host is there, and nobody comes twice. */
const party: Decider<string[], string, MergeEvent> = {
  initial: () => [],
  decide: (who, there) =>
    there.includes(who) || (who === 'guest' && !there.includes('host')) ? [] : [came(who)],
  evolve: (there, event) => {
    if (event.type === 'merge.queued') there.push(event.data.attemptId);
    return there;
  },
  consequences: () => [],
};

const coming = (who: string) => ({
  command: who,
  commandId: `come/${who}`,
  metadata: { source: '/test', actor: 'service:test', correlationId: 'r_1', causationId: null },
  at: 1_700_000_000_000,
});

it('what comes in one batch with what another handler has done already is not decided on an outdated memory', async () => {
  const store = openSqliteEventStore({ path: ':memory:' });
  const [one, other] = [commandHandler(store, party), commandHandler(store, party)];
  await one.handle(stream, coming('door'));
  await other.read(stream);
  await one.handle(stream, coming('cook'));
  await one.handle(stream, coming('host'));
  const results = await Promise.all(['cook', 'guest'].map((who) => other.handle(stream, coming(who))));
  expect(results.map(({ events }) => events)).toEqual([[came('cook')], [came('guest')]]);
  const pages = await Array.fromAsync(store.readStream(stream));
  expect(pages.flat().map(({ data }) => data)).toEqual(
    ['door', 'cook', 'host', 'guest'].map((who) => came(who).data),
  );
  await store.close();
});
