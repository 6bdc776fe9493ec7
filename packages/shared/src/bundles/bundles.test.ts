import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { memoryBlobStore } from '../blobs/testing/index.ts';
import { inProcessEventBus, sqliteCheckpoints } from '../event-bus/index.ts';
import { type EventStore, openSqliteEventStore } from '../event-store/index.ts';
import { wholeLog } from '../event-store/testing/made-up-events.ts';
import { noUsage, type RecordedEvent, type RunEvent, streamName } from '../events/index.ts';
import { runStory, tellStore } from '../http/testing/index.ts';
import { processor } from '../processing/index.ts';
import { systemClock } from '../runtime/index.ts';
import { trusted } from '../sealing/testing/sealed-log.ts';
import { importBundle } from './import-bundle.ts';
import { runStreams } from './run-events.ts';
import { type BundledRun, bundledRun } from './testing/bundled-run.ts';
import { type BundleVerdict, verifyBundle } from './verify-bundle.ts';

const tamperings = Math.ceil(Number(process.env.PARTITURA_TEST_TAMPERINGS ?? 500) / 2);

let made: BundledRun;
let store: EventStore;
let blobs: ReturnType<typeof memoryBlobStore>;

beforeEach(async () => {
  made = await bundledRun();
  store = openSqliteEventStore({ path: ':memory:' });
  blobs = memoryBlobStore();
});
afterEach(async () => {
  await store.close();
  await made.remove();
});

async function* pieces(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const verify = (bytes: Uint8Array): Promise<BundleVerdict> => verifyBundle(pieces(bytes));

const bringIn = (into = store, keys: ReadonlySet<string> = trusted) =>
  importBundle(made.file, {
    store: into,
    blobs,
    clock: systemClock,
    trusted: keys,
    keepRepository: async () => ({
      repository: 'nowhere',
      gitBundle: { size: 0, sha256: '', parts: [] },
    }),
    metadata: { actor: 'user:x', correlationId: 'q', causationId: null },
  });

const without = ({ position: _, ...event }: RecordedEvent) => event;
const isOfBundle = ({ stream }: RecordedEvent): boolean => stream.startsWith('bundle-');
const content = async (of: EventStore) =>
  (await wholeLog(of, { asRecorded: true })).filter((event) => !isOfBundle(event)).map(without);

describe('a bundle', () => {
  it('has all of the run, is the same every time, and verifies without anything else', async () => {
    const { intact, findings, manifest } = await verify(made.bytes);
    expect({ intact, findings }).toEqual({ intact: true, findings: [] });
    expect(manifest).toMatchObject({ runId: made.runId, blobs: [{ hash: made.plan }], repository: null });
    expect(manifest?.events.count).toBe((await content(made.store)).length);
    expect((await made.write()).equals(made.bytes)).toBe(true);
  });

  it('is not made of a run that goes on, or that is not there', async () => {
    const [created] = runStory({ runId: 'r_live' }).filter(({ event }) => event.type === 'run.created');
    await tellStore(store, created ? [created] : []);
    await expect(runStreams(store, 'r_live')).rejects.toMatchObject({ code: 'RUN_NOT_ENDED' });
    await expect(runStreams(store, 'r_none')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });

  it('takes along of a parent what a fork inherited, and no more', async () => {
    const [created] = runStory({ runId: 'r_fork' }).filter(({ event }) => event.type === 'run.created');
    if (!created) throw new RangeError('The story has no beginning.');
    const streams = { [`run-${made.runId}`]: 3, [`plan-${made.runId}`]: 1 };
    const forked: RunEvent = {
      type: 'run.forked',
      data: {
        parentRunId: made.runId,
        at: '1',
        streams,
        commit: null,
        shiftMs: 0,
        unsettled: {},
        changes: { model: null, budget: null, prompts: [], droppedTasks: [] },
      },
    };
    const ended: RunEvent = { type: 'run.cancelled', data: { reason: '', usage: noUsage } };
    await tellStore(
      made.store,
      [created, { ...created, event: forked }, { ...created, event: ended }],
      5_000,
    );
    const { through } = await runStreams(made.store, 'r_fork');
    expect(Object.fromEntries(through)).toMatchObject({ ...streams, 'run-r_fork': 2 });
    expect([...through.keys()].filter((stream) => stream.startsWith('agent-'))).toEqual([]);
  });

  it('shows any byte that was changed, and any end that is missing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: made.bytes.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
        async (at, bits) => {
          const bytes = Buffer.from(made.bytes);
          bytes.writeUInt8(bytes.readUInt8(at) ^ bits, at);
          const { intact, findings } = await verify(bits === 0 ? bytes.subarray(0, at) : bytes);
          expect(intact).toBe(false);
          expect(findings[0]?.sentence).toMatch(/\.$/);
        },
      ),
      { numRuns: tamperings },
    );
  });

  it('names the part that was changed', async () => {
    for (const [text, entry] of [
      ['"requirements":[]', `blobs/${made.plan}`],
      ['plan.proposed', 'events.ndjson'],
      ['partitura-bundle', 'manifest.json'],
    ] as const) {
      const bytes = Buffer.from(made.bytes);
      bytes.write('~', bytes.indexOf(text) + 3);
      expect((await verify(bytes)).findings.map((finding) => finding.entry)).toContain(entry);
    }
  });
});

describe('an import', () => {
  it('brings every event in as it was recorded, once', async () => {
    const first = await bringIn();
    expect(first).toMatchObject({ runId: made.runId, changed: true, blobs: 1, repository: null });
    expect(await content(store)).toEqual(await content(made.store));
    expect(Buffer.from(await blobs.get(made.plan)).toString()).toBe('{"requirements":[]}');
    const head = await store.head();
    expect(await bringIn()).toMatchObject({ changed: false, events: 0 });
    expect(await store.head()).toBe(head);
    expect(await bringIn(made.store)).toMatchObject({ changed: false });
  });

  it('goes on where it broke off, wherever that was', async () => {
    const total = (await content(made.store)).length;
    for (let most = 0; ; most += 7) {
      let left = most;
      const mortal: EventStore = {
        ...store,
        restore: async (stream, events) => {
          left -= events.length;
          if (left < 0) throw new Error('Broken off.');
          return store.restore(stream, events);
        },
      };
      const through = await bringIn(mortal).then(
        () => true,
        () => false,
      );
      if (through) break;
    }
    expect(await content(store)).toEqual(await content(made.store));
    const told = (await wholeLog(store)).filter(isOfBundle).map(({ type }) => type);
    expect(told.at(-1)).toBe('bundle.imported');
    expect(total).toBeGreaterThan(20);
  });

  it('refuses whom it does not trust, what is damaged, and another past, before anything is written', async () => {
    await expect(bringIn(store, new Set())).rejects.toMatchObject({ code: 'BUNDLE_NOT_TRUSTED' });
    await tellStore(
      store,
      runStory({ runId: made.runId, projectId: 'p_other' }).filter(({ stream }) => stream.startsWith('run-')),
    );
    const head = await store.head();
    await expect(bringIn()).rejects.toMatchObject({ code: 'BUNDLE_CONFLICT' });
    const damaged = Buffer.from(made.bytes);
    damaged.write('~', damaged.indexOf('plan.proposed'));
    await writeFile(made.file, damaged);
    await expect(bringIn()).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' });
    expect(await store.head()).toBe(head);
  });

  it('is history: who reacts to events is not told of any of it, and of what comes after', async () => {
    const bus = inProcessEventBus({ store, checkpoints: sqliteCheckpoints(':memory:'), clock: systemClock });
    const seen: string[] = [];
    const reached = Promise.withResolvers<void>();
    const reacting = processor({
      name: 'reactions',
      service: 'test',
      bus,
      store,
      clock: systemClock,
      filter: { categories: ['run', 'project', 'agent'] },
      handle: async ({ id }) => {
        seen.push(id);
        reached.resolve();
      },
    });
    await reacting.start();
    await bringIn();
    await tellStore(store, runStory({ runId: 'r_live', projectId: 'p_live' }));
    await reached.promise;
    const first = (await wholeLog(store)).find(({ stream }) => stream === streamName('project', 'p_live'));
    expect(seen[0]).toBe(first?.id);
    await reacting.stop(1_000);
    await bus.close();
  });
});
