import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { BlobStore } from '@partitura/shared/blobs';
import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import { bundleBytes, importBundle, manifestOf, runStreams } from '@partitura/shared/bundles';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { systemClock } from '@partitura/shared/runtime';
import { signingKeyFrom } from '@partitura/shared/sealing';
import { blobsOf } from './history.ts';
import { replayAll } from './replaying.ts';
import { tellHistory } from './testing/installation.ts';
import { hashes, names, read } from './testing/recorded.ts';

const key = signingKeyFrom('5e'.repeat(32));

interface Installation {
  readonly store: EventStore;
  readonly blobs: Pick<BlobStore, 'get' | 'has'>;
}

let directory: string;
let stores: EventStore[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-histories-'));
  stores = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 20 });
});

const emptyStore = (): EventStore => {
  const store = openSqliteEventStore({ path: ':memory:' });
  stores.push(store);
  return store;
};

const bundleOf = async ({ store, blobs }: Installation, runId: string): Promise<Buffer> => {
  const streams = await runStreams(store, runId);
  const sources = { store, blobs, key, repository: { missing: 'A history has no repository.' } };
  const manifest = await manifestOf(streams, sources);
  return Buffer.concat(await Array.fromAsync(bundleBytes(manifest, streams, sources)));
};

const brought = async (bundle: Buffer): Promise<Installation> => {
  const path = join(directory, 'run.partitura');
  await writeFile(path, bundle);
  const [store, blobs] = [emptyStore(), memoryBlobStore()];
  await importBundle(path, {
    store,
    blobs,
    clock: systemClock,
    trusted: new Set([key.fingerprint]),
    keepRepository: async () => ({
      repository: 'nowhere',
      gitBundle: { size: 0, sha256: '', parts: [] },
    }),
    metadata: { actor: 'user:test', correlationId: 'test', causationId: null },
  });
  return { store, blobs };
};

const replayOf = async ({ store, blobs }: Installation, runId: string) => {
  const { parts, hash } = await replayAll({ store, blobs }, runId, await store.head());
  return { hash, found: parts.flatMap(({ divergence }) => divergence ?? []) };
};

it.each(names)(
  'is the same to a replay where it was imported, and leaves it as it came: %s',
  async (name) => {
    const history = await read(name);
    const { run } = history.about;
    const here = { store: emptyStore(), blobs: blobsOf(history) };
    await tellHistory(here.store, history.events);
    const bundle = await bundleOf(here, run);
    const there = await brought(bundle);
    expect(await replayOf(there, run)).toEqual({ hash: hashes[name], found: [] });
    expect((await bundleOf(there, run)).equals(bundle)).toBe(true);
  },
);
