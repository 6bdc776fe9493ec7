import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { BlobStore } from '@partitura/shared/blobs';
import {
  bundleBytes,
  importBundle,
  manifestOf,
  runNotFound,
  runStreams,
  verifyBundle,
} from '@partitura/shared/bundles';
import type { EventStore } from '@partitura/shared/event-store';
import { ownerOf, runEvents, streamName } from '@partitura/shared/events';
import {
  type ByteBody,
  type Bytes,
  type CallContext,
  isThereFor,
  type OperationHandlers,
} from '@partitura/shared/http';
import { blobsOfRun } from '@partitura/shared/replaying';
import { type Clock, PartituraError } from '@partitura/shared/runtime';
import type { Signing } from '@partitura/shared/sealing';
import { draftPath } from './draft.ts';
import { type GitBundleDependencies, keepRepository, repositoryPart } from './git-bundle.ts';

export interface BundleDependencies extends GitBundleDependencies {
  readonly store: EventStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly signing: Signing;
}

type BundleHandlers = Pick<OperationHandlers, 'exportRunBundle' | 'verifyBundle' | 'importBundle'>;

const gitPatienceMs = 10 * 60_000;

export const bundleHandlers = (dependencies: BundleDependencies): BundleHandlers => ({
  exportRunBundle: async ({ params: { id } }, context) => {
    const created = await runFor(dependencies.store, id, context);
    const { store, blobs, signing, dataDirectory } = dependencies;
    const streams = await runStreams(store, id);
    const draft = await draftPath(dataDirectory);
    try {
      const wanted = { ...created, runId: id };
      const repository = await repositoryPart(
        dependencies,
        wanted,
        draft,
        AbortSignal.timeout(gitPatienceMs),
      );
      const sources = { store, blobs: blobsOfRun({ store, blobs }, id), key: signing.key, repository };
      const manifest = await manifestOf(streams, sources);
      return {
        contentType: 'application/x-tar',
        headers: { 'content-disposition': `attachment; filename="${id}.partitura.tar"` },
        bytes: andThen(bundleBytes(manifest, streams, sources), () => rm(draft, { force: true })),
      };
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  },
  verifyBundle: ({ body }) =>
    spooled(dependencies, body, async (path) => {
      const { intact, findings, manifest } = await verifyBundle(createReadStream(path));
      const bundle = manifest && {
        runId: manifest.runId,
        projectId: manifest.projectId,
        organizationId: manifest.organizationId,
        fingerprint: manifest.fingerprint,
        trusted: dependencies.signing.trusted.has(manifest.fingerprint),
        events: manifest.events.count,
        streams: manifest.streams.length,
        blobs: manifest.blobs.length,
        missingBlobs: manifest.missingBlobs.length,
        branches: manifest.repository?.branches ?? null,
        repositoryMissing: manifest.repositoryMissing,
      };
      return { intact, findings: [...findings], bundle };
    }),
  importBundle: async ({ query: { trust }, body }, context) => {
    if (context.organizationId !== null) throw installationOnly();
    const { store, blobs, clock, signing, dataDirectory } = dependencies;
    const { actor, correlationId, commandId } = context;
    return spooled(dependencies, body, async (path) => {
      const imported = await importBundle(path, {
        store,
        blobs,
        clock,
        trusted: new Set([...signing.trusted, ...(trust === undefined ? [] : [trust])]),
        keepRepository: keepRepository({ dataDirectory, blobs }, AbortSignal.timeout(gitPatienceMs)),
        metadata: { actor, correlationId, causationId: commandId },
      });
      return { ...imported, position: await store.head() };
    });
  },
});

/** @throws {PartituraError} `RUN_NOT_FOUND`, for a run of another organisation too */
const runFor = async (store: EventStore, runId: string, context: CallContext) => {
  const [page] = await Array.fromAsync(store.readStream(streamName('run', runId), { limit: 1 }));
  const first = page?.[0];
  if (first?.type !== 'run.created' || !isThereFor(context, ownerOf(first.metadata)))
    throw runNotFound(runId);
  return runEvents['run.created'].schema.parse(first.data);
};

/** A bundle is read more than once: it is kept in a file for as long as that takes. */
const spooled = async <Result>(
  { dataDirectory }: Pick<BundleDependencies, 'dataDirectory'>,
  { bytes }: ByteBody,
  work: (path: string) => Promise<Result>,
): Promise<Result> => {
  const draft = await draftPath(dataDirectory);
  try {
    await pipeline(bytes, createWriteStream(draft));
    return await work(draft);
  } finally {
    await rm(draft, { force: true });
  }
};

async function* andThen(bytes: Bytes, done: () => Promise<void>): Bytes {
  try {
    yield* bytes;
  } finally {
    await done();
  }
}

const installationOnly = (): PartituraError =>
  new PartituraError('INSTALLATION_ONLY', 'Bundles are brought in by whoever runs the installation.', {
    advice: 'Ask them to import it; its events name the organisation they belong to.',
  });
