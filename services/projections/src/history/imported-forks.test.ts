import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import { bundleBytes, importBundle, manifestOf, runStreams } from '@partitura/shared/bundles';
import type { EventStore } from '@partitura/shared/event-store';
import { originOf } from '@partitura/shared/forking';
import { operations } from '@partitura/shared/http';
import { runStory, tellStore } from '@partitura/shared/http/testing';
import { systemClock } from '@partitura/shared/runtime';
import { signingKeyFrom } from '@partitura/shared/sealing';
import { forkStory } from '../testing/past-stories.ts';
import { type PastUnderTest, pastUnderTest } from '../testing/past-under-test.ts';
import { historyQueries } from './history-queries.ts';

const key = signingKeyFrom('7a'.repeat(32));
const blobs = memoryBlobStore();

let directory: string;
let here: PastUnderTest;
let there: PastUnderTest;

const bring = async (runId: string): Promise<void> => {
  const streams = await runStreams(here.store, runId);
  const sources = { store: here.store, blobs, key, repository: { missing: 'The run had no repository.' } };
  const bytes = bundleBytes(await manifestOf(streams, sources), streams, sources);
  const file = join(directory, runId);
  await writeFile(file, Buffer.concat(await Array.fromAsync(bytes)));
  await importBundle(file, {
    store: there.store,
    blobs,
    clock: systemClock,
    trusted: new Set([key.fingerprint]),
    keepRepository: async () => ({
      repository: 'nowhere',
      gitBundle: { size: 0, sha256: '', parts: [] },
    }),
    metadata: { actor: 'user:x', correlationId: `import ${runId}`, causationId: null },
  });
  await there.caughtUp();
};

const context = {
  actor: 'user:tester',
  organizationId: null,
  correlationId: 'q',
  commandId: 'c',
  expectedRevision: null,
};
/** What was not said by the import itself. */
const historyOf = async ({ readers, store }: PastUnderTest, id: string): Promise<readonly string[]> => {
  const query = operations.getRunHistory.query.parse({ limit: 500 });
  const { items } = await historyQueries(readers, store).getRunHistory(
    { params: { id }, query, body: null },
    context,
  );
  return items.filter(({ type }) => !type.startsWith('bundle.')).map((event) => event.id);
};
const positionOf = async (past: PastUnderTest, id: string | undefined): Promise<string> =>
  (await past.events()).find((event) => event.id === id)?.position ?? 'nowhere';
const firstOf = async (past: PastUnderTest, type: string, runId: string) => {
  const found = (await past.events()).find((event) => event.type === type && event.metadata.runId === runId);
  if (!found) throw new RangeError(`${runId} has no ${type}.`);
  return found;
};
const statusOf = async ({ readers }: PastUnderTest, id: string) => (await readers.one('runs', id)).status;
const tell = async (store: EventStore, given: Parameters<typeof tellStore>[1], from: number) => {
  await tellStore(store, given, from);
  await there.caughtUp();
};

let at: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-forks-'));
  [here, there] = await Promise.all([pastUnderTest(), pastUnderTest()]);
  await here.tell(runStory({ tasks: 3 }));
  const submitted = await firstOf(here, 'task.submitted', 'r_1');
  at = submitted.position;
  await here.tell(await forkStory(here.store, { parentId: 'r_1', runId: 'r_fork', at }));
  await here.caughtUp();
  // Whatever has happened there before, its positions are others.
  await tell(there.store, runStory({ projectId: 'p_there', runId: 'r_there', tasks: 5 }), 50_000);
  await bring('r_fork');
});
afterAll(async () => {
  await Promise.all([here.stop(), there.stop()]);
  await rm(directory, { recursive: true, force: true, maxRetries: 20 });
});

describe('a fork that was imported', () => {
  it('is from where its past ends here, not from where that was', async () => {
    const { id } = await firstOf(here, 'task.submitted', 'r_1');
    const position = await positionOf(there, id);
    expect(position).not.toBe(at);
    expect((await originOf(there.store, 'r_fork'))?.at).toBe(position);
    expect((await originOf(here.store, 'r_fork'))?.at).toBe(at);
    const { forkedFrom } = await there.readers.one('runs', 'r_fork');
    expect(forkedFrom).toEqual({ runId: 'r_1', position });
    const recorded = await firstOf(there, 'run.forked', 'r_fork');
    expect(recorded).toMatchObject({
      data: { at },
      hash: (await firstOf(here, 'run.forked', 'r_fork')).hash,
    });
  });

  it('has the history that it had, and stood as it had', async () => {
    const ids = await historyOf(here, 'r_fork');
    expect(ids.length).toBeGreaterThan(20);
    expect(await historyOf(there, 'r_fork')).toEqual(ids);
    const own = (await here.events()).filter(({ metadata }) => metadata.runId === 'r_fork');
    const [before, after] = [here.moments(), there.moments()];
    for (const { id, position } of own.slice(1)) {
      const was = await before.stateAt('r_fork', position);
      const is = await after.stateAt('r_fork', await positionOf(there, id));
      expect(is.run.status).toBe(was.run.status);
      expect(is.tasks.map((task) => [task.id, task.status])).toEqual(
        was.tasks.map((task) => [task.id, task.status]),
      );
    }
  });

  it('can be forked, and that again has all of its past', async () => {
    const commented = await firstOf(there, 'task.commented', 'r_fork');
    const cut = { parentId: 'r_fork', runId: 'r_second', at: commented.position };
    await tell(there.store, await forkStory(there.store, cut), 90_000);
    const inherited = await historyOf(there, 'r_fork');
    const ids = await historyOf(there, 'r_second');
    const shared = inherited.slice(0, inherited.indexOf(commented.id) + 1);
    expect(ids.slice(0, shared.length)).toEqual(shared);
    expect(ids).not.toContain(inherited.at(-1));
    expect((await originOf(there.store, 'r_second'))?.at).toBe(commented.position);
  });

  it('has of its parent what it inherited, which is no run that goes on, until that one is imported itself', async () => {
    expect([await statusOf(here, 'r_1'), await statusOf(there, 'r_1')]).toEqual(['completed', 'excerpt']);
    expect(await statusOf(there, 'r_fork')).toBe('cancelled');
    const ids = await historyOf(there, 'r_fork');
    await bring('r_1');
    expect(await statusOf(there, 'r_1')).toBe('completed');
    expect(await historyOf(there, 'r_1')).toEqual(await historyOf(here, 'r_1'));
    expect(await historyOf(there, 'r_fork')).toEqual(ids);
  });
});
