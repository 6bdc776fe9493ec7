import { createReadStream } from 'node:fs';
import type { BlobStore } from '../blobs/index.ts';
import type { EventStore } from '../event-store/index.ts';
import {
  type BundleEvent,
  type Category,
  type EventMetadata,
  eventRegistry,
  type KeptGitBundle,
  parseStreamName,
  type RecordedEvent,
  recordedIn,
  type StreamName,
  streamName,
  versionOf,
} from '../events/index.ts';
import type { Bytes } from '../http/bytes.ts';
import { PartituraError } from '../runtime/errors.ts';
import type { Clock } from '../runtime/index.ts';
import { archiveEntries } from './archive.ts';
import { eventsIn } from './event-lines.ts';
import { excerptsIn, isAsImported } from './excerpts.ts';
import type { BundleManifest } from './manifest.ts';
import { meet, rangesOf, refuseHalfOfOurOwn } from './meeting.ts';
import { restoreAll } from './restore-events.ts';
import { verifyBundle } from './verify-bundle.ts';
import { names } from './write-bundle.ts';

export interface KeptRepository {
  readonly repository: string;
  readonly gitBundle: KeptGitBundle;
}

export interface ImportDependencies {
  readonly store: EventStore;
  readonly blobs: Pick<BlobStore, 'put'>;
  readonly clock: Clock;
  /** Fingerprints of keys whose bundles are taken. */
  readonly trusted: ReadonlySet<string>;
  /** Keeps the git bundle, and its branches; says where. */
  readonly keepRepository: (runId: string, bundle: Bytes) => Promise<KeptRepository>;
  readonly metadata: Pick<EventMetadata, 'actor' | 'correlationId' | 'causationId'>;
}

export interface Imported {
  readonly runId: string;
  readonly projectId: string;
  /** False when all of it was here before. */
  readonly changed: boolean;
  readonly events: number;
  readonly blobs: number;
  /** Where its branches are; null without any. */
  readonly repository: string | null;
  readonly fingerprint: string;
}

const mayCome: ReadonlySet<Category> = new Set(['project', 'run', 'plan', 'agent', 'merge', 'knowledge']);

/**
 * Brings the run of a bundle in. All is looked at before anything is written: the bundle itself, whose signature it has, whether this
 * program can read its events, and whether the streams that are here already have the same past. An import that broke off is made
 * again with the same bundle, and one that is through changes nothing.
 * @throws {PartituraError} `BUNDLE_DAMAGED`, `BUNDLE_NOT_TRUSTED`, `BUNDLE_FROM_NEWER_VERSION`, `BUNDLE_CONFLICT`
 */
export const importBundle = async (path: string, dependencies: ImportDependencies): Promise<Imported> => {
  const { manifest, manifestHash } = await verified(path, dependencies.trusted);
  const meetings = await meet(path, manifest, dependencies.store);
  const { runId, projectId, fingerprint } = manifest;
  const marker = streamName('bundle', runId);
  const told = await storyOf(dependencies.store, marker);
  const answer = { runId, projectId, fingerprint };
  const complete = [...meetings.values()].every(({ here, of }) => here >= of);
  if (complete && (told.imported || !told.started))
    return { ...answer, changed: false, events: 0, blobs: 0, repository: told.repository };
  // Of a fork's bundle a part of it may be here.
  if (!told.started && !(await isAsImported(dependencies.store, runId))) refuseHalfOfOurOwn(meetings, runId);
  const tell = teller(dependencies, marker, manifest, told.revision);
  const streams = rangesOf(meetings);
  if (!complete)
    await tell({ type: 'bundle.import_started', data: { ...answer, manifest: manifestHash, streams } });
  const { gitBundle, ...written } = await bringIn(path, dependencies, runId);
  const excerpts = await excerptsIn(dependencies.store, manifest);
  await tell({
    type: 'bundle.imported',
    data: {
      manifest: manifestHash,
      ...written,
      ...(gitBundle === null ? {} : { gitBundle }),
      ...(excerpts.length === 0 ? {} : { excerpts: [...excerpts] }),
    },
  });
  return { ...answer, changed: true, ...written };
};

const verified = async (path: string, trusted: ReadonlySet<string>) => {
  let refusal: PartituraError | null = null;
  const look = (event: RecordedEvent): void => {
    refusal ??= objectionTo(event);
  };
  const { findings, manifest, manifestHash } = await verifyBundle(createReadStream(path), look);
  const [first] = findings;
  if (first || manifest === null || manifestHash === null)
    throw new PartituraError('BUNDLE_DAMAGED', `The bundle is damaged. ${first?.sentence ?? ''}`.trim(), {
      advice: 'Get it again from where it was made. All that is wrong says: partitura bundle verify FILE',
      problems: findings.map(({ entry, sentence }) => ({ path: entry ?? '', message: sentence })),
    });
  if (!trusted.has(manifest.fingerprint))
    throw new PartituraError(
      'BUNDLE_NOT_TRUSTED',
      `The bundle is signed with the key ${manifest.fingerprint}, which is not trusted here.`,
      { advice: `Ask whoever made it whether that is theirs, then name it: --trust ${manifest.fingerprint}` },
    );
  if (refusal !== null) throw refusal;
  return { manifest, manifestHash };
};

const objectionTo = ({ stream, type, version, data }: RecordedEvent): PartituraError | null => {
  if (!mayCome.has(parseStreamName(stream).category))
    return new PartituraError(
      'BUNDLE_DAMAGED',
      `${stream} is no stream of a run: it does not belong into a bundle.`,
    );
  try {
    eventRegistry.upcast(type, version, data);
    return null;
  } catch (cause) {
    return new PartituraError(
      'BUNDLE_FROM_NEWER_VERSION',
      `${stream} has an event ${type} in version ${version}, which this program cannot read.`,
      { advice: 'Import it with the version of Partitura that made it, or a newer one.', cause },
    );
  }
};

const storyOf = async (store: EventStore, marker: StreamName) => {
  const events = recordedIn('bundle', (await Array.fromAsync(store.readStream(marker))).flat());
  const last = events.at(-1);
  return {
    revision: events.length - 1,
    started: events.length > 0,
    imported: last?.type === 'bundle.imported',
    repository: last?.type === 'bundle.imported' ? last.data.repository : null,
  };
};

const teller = (
  { store, clock, metadata }: ImportDependencies,
  marker: StreamName,
  { projectId, runId, organizationId }: BundleManifest,
  before: number,
) => {
  let revision = before;
  const owner = organizationId === null ? {} : { organizationId };
  return async ({ type, data }: BundleEvent): Promise<void> => {
    const event = {
      id: `${metadata.causationId ?? metadata.correlationId}.${revision + 1}`,
      type,
      version: versionOf(type),
      data,
      time: new Date(clock.now()).toISOString(),
      metadata: { ...metadata, ...owner, source: '/agent-runner', projectId, runId } as EventMetadata,
    };
    const result = await store.append(marker, [event], revision === -1 ? 'no_stream' : revision);
    revision = result.revision;
  };
};

const bringIn = async (path: string, dependencies: ImportDependencies, runId: string) => {
  const { store, blobs, keepRepository } = dependencies;
  const written = { events: 0, blobs: 0 };
  let kept: KeptRepository | null = null;
  for await (const { name, bytes } of archiveEntries(createReadStream(path))) {
    if (name === names.events) written.events = await restoreAll(store, eventsIn(bytes));
    else if (name === names.repository) kept = await keepRepository(runId, bytes);
    else {
      const content = Buffer.concat(await Array.fromAsync(bytes));
      if (name === names.manifest) continue;
      await blobs.put(content);
      written.blobs += 1;
    }
  }
  return { ...written, repository: kept?.repository ?? null, gitBundle: kept?.gitBundle ?? null };
};
