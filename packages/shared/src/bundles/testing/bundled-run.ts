import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryBlobStore } from '../../blobs/testing/index.ts';
import { openSqliteEventStore } from '../../event-store/index.ts';
import { runStory, tellStore } from '../../http/testing/index.ts';
import { testKey } from '../../sealing/testing/sealed-log.ts';
import { runStreams } from '../run-events.ts';
import { bundleBytes, manifestOf, type RepositoryPart } from '../write-bundle.ts';

/** A run that is told, with one of its blobs, and the bundle of it in a file. */
export const bundledRun = async (runId = 'r_told') => {
  const directory = await mkdtemp(join(tmpdir(), 'partitura-bundle-'));
  const store = openSqliteEventStore({ path: ':memory:' });
  const blobs = memoryBlobStore();
  const plan = await blobs.put('{"requirements":[]}');
  await tellStore(store, runStory({ runId, plan }));
  const repository: RepositoryPart = { missing: 'The run had no repository.' };
  const sources = { store, blobs, key: testKey, repository };
  const write = async (): Promise<Buffer> => {
    const streams = await runStreams(store, runId);
    const manifest = await manifestOf(streams, sources);
    return Buffer.concat(await Array.fromAsync(bundleBytes(manifest, streams, sources)));
  };
  const bytes = await write();
  const file = join(directory, 'run.partitura');
  await writeFile(file, bytes);
  return {
    runId,
    store,
    blobs,
    plan,
    bytes,
    file,
    write,
    remove: async () => {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
};
export type BundledRun = Awaited<ReturnType<typeof bundledRun>>;
