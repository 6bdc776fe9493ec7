import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { BlobStore } from '../blobs/index.ts';
import type { EventStore } from '../event-store/index.ts';
import type { RecordedEvent } from '../events/index.ts';
import type { Bytes } from '../http/bytes.ts';
import { nameRequestParts } from '../models/recording/manifest.ts';
import { emptyLogChain, type LogChain, linked } from '../sealing/log-chain.ts';
import type { SigningKey } from '../sealing/signing-key.ts';
import { type ArchiveEntry, archiveBytes, textEntry } from './archive.ts';
import { eventLine } from './event-lines.ts';
import { type BundleContent, type BundleManifest, manifestText, signedManifest } from './manifest.ts';
import { eventsOf, type RunStreams } from './run-events.ts';

export const names = {
  manifest: 'manifest.json',
  events: 'events.ndjson',
  repository: 'repository.bundle',
} as const;
export const blobName = (hash: string): string => `blobs/${hash}`;

/** A git bundle in a file, as it is to be taken along; or why there is none. */
export type RepositoryPart =
  | { readonly path: string; readonly content: NonNullable<BundleContent['repository']> }
  | { readonly missing: string };

export interface BundleSources {
  readonly store: EventStore;
  readonly blobs: Pick<BlobStore, 'get' | 'has'>;
  readonly key: SigningKey;
  readonly repository: RepositoryPart;
}

/** Reads everything once, to know what the manifest has to say of it. */
export const manifestOf = async (streams: RunStreams, sources: BundleSources): Promise<BundleManifest> => {
  const { store, key, repository } = sources;
  const counted = await countEvents(eventsOf(store, streams));
  for (const request of counted.requests) await nameRequestParts(sources.blobs, request, counted.blobs);
  const { there, missing } = await sizes([...counted.blobs].sort(), sources.blobs);
  return signedManifest(
    {
      format: 'partitura-bundle',
      version: 1,
      runId: streams.runId,
      projectId: streams.projectId,
      organizationId: streams.owner.organizationId ?? null,
      events: counted.events,
      streams: counted.streams,
      blobs: there,
      missingBlobs: missing,
      repository: 'content' in repository ? repository.content : null,
      repositoryMissing: 'missing' in repository ? repository.missing : null,
    },
    key,
  );
};

/** The bundle, byte by byte: the manifest first, so that whoever reads on knows what is to come. */
export const bundleBytes = (
  manifest: BundleManifest,
  streams: RunStreams,
  sources: BundleSources,
): AsyncGenerator<Uint8Array> => archiveBytes(entries(manifest, streams, sources));

async function* entries(
  manifest: BundleManifest,
  streams: RunStreams,
  { store, blobs, repository }: BundleSources,
): AsyncGenerator<ArchiveEntry> {
  yield textEntry(names.manifest, manifestText(manifest));
  for (const { hash, size } of manifest.blobs)
    yield { name: blobName(hash), size, bytes: once(() => blobs.get(hash)) };
  if ('path' in repository)
    yield { name: names.repository, size: repository.content.size, bytes: createReadStream(repository.path) };
  yield { name: names.events, size: manifest.events.size, bytes: lines(eventsOf(store, streams)) };
}

async function* once(read: () => Promise<Uint8Array>): Bytes {
  yield await read();
}

async function* lines(events: AsyncIterable<RecordedEvent>): Bytes {
  for await (const event of events) yield Buffer.from(eventLine(event), 'utf8');
}

const countEvents = async (events: AsyncIterable<RecordedEvent>) => {
  const hash = createHash('sha256');
  const streams = new Map<string, { stream: string; events: number; head: string }>();
  const blobs = new Set<string>();
  const requests = new Set<string>();
  let chain: LogChain = emptyLogChain;
  let size = 0;
  for await (const event of events) {
    const bytes = Buffer.from(eventLine(event), 'utf8');
    hash.update(bytes);
    size += bytes.length;
    chain = linked(chain, event);
    streams.set(event.stream, { stream: event.stream, events: event.revision + 1, head: event.hash });
    collectBlobs(event.data, blobs);
    if (event.type === 'model.requested') collectBlobs(event.data, requests);
  }
  return {
    events: { count: chain.total, size, sha256: hash.digest('hex'), head: chain.head },
    streams: [...streams.values()].sort((left, right) => (left.stream < right.stream ? -1 : 1)),
    blobs,
    /** Those of the blobs that name others. */
    requests,
  };
};

/** Wherever an event names one, it says its hash and its size. */
const collectBlobs = (value: unknown, into: Set<string>): void => {
  if (typeof value !== 'object' || value === null) return;
  if (
    'hash' in value &&
    'size' in value &&
    typeof value.hash === 'string' &&
    /^[0-9a-f]{64}$/.test(value.hash)
  )
    into.add(value.hash);
  for (const item of Object.values(value)) collectBlobs(item, into);
};

const sizes = async (hashes: readonly string[], blobs: BundleSources['blobs']) => {
  const there: { hash: string; size: number }[] = [];
  const missing: string[] = [];
  for (const hash of hashes) {
    if (await blobs.has(hash)) there.push({ hash, size: (await blobs.get(hash)).byteLength });
    else missing.push(hash);
  }
  return { there, missing };
};
