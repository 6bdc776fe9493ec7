import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { streamName, versionOf } from '@partitura/shared/events';
import { runStory, tellStore } from '@partitura/shared/http/testing';
import { virtualClock } from '@partitura/shared/runtime/testing';
import { type RunHandler, runHandler } from '../runs/run-handler.ts';
import { runFor, runToReadFor } from './reach.ts';

const stream = streamName('run', 'r_1');
const whole = runStory({ runId: 'r_1' }).filter((happening) => happening.stream === stream);
const reader = { organizationId: null };

let store: EventStore;
let runs: RunHandler;
beforeEach(() => {
  store = openSqliteEventStore({ path: ':memory:' });
  runs = runHandler(store, virtualClock(), () => undefined);
});
afterEach(() => store.close());

/** The first events of the run, as if they had come with a bundle. */
const bring = async (events: number): Promise<void> => {
  const data = {
    runId: 'r_fork',
    projectId: 'p_1',
    manifest: 'm',
    fingerprint: 'f',
    streams: { [stream]: { from: 0, through: events - 1 } },
  };
  const metadata = { source: '/test', actor: 'user:x', correlationId: 'q', causationId: null };
  const type = 'bundle.import_started';
  const started = {
    id: 'b1',
    type,
    version: versionOf(type),
    data,
    time: '2026-01-02T03:04:05.678Z',
    metadata,
  };
  await store.append(streamName('bundle', 'r_fork'), [started], 'no_stream');
  await tellStore(store, whole.slice(0, events));
};

it('a run of which a part came with its fork can be read, and not be told anything', async () => {
  await bring(whole.length - 1);
  expect(await runToReadFor(reader, runs, 'r_1')).toMatchObject({ id: 'r_1', status: 'running' });
  await expect(runFor(reader, runs, 'r_1')).rejects.toMatchObject({ code: 'RUN_IS_EXCERPT' });
});

it('one that came to its end is told what others that ended are', async () => {
  await bring(whole.length);
  expect(await runFor(reader, runs, 'r_1')).toMatchObject({ status: 'completed' });
});

it('one that was made here is told what it is to be told', async () => {
  await tellStore(store, whole.slice(0, -1));
  expect(await runFor(reader, runs, 'r_1')).toMatchObject({ status: 'running' });
});
