import { createHash } from 'node:crypto';
import type { RecordedEvent, StreamName } from '../events/index.ts';
import type { Bytes } from '../http/bytes.ts';
import { emptyLogChain, type LogChain, linked } from '../sealing/log-chain.ts';
import { streamVerifier } from '../sealing/stream-verifier.ts';
import { type ArchiveEntry, archiveBytes, archiveEntries, textEntry } from './archive.ts';
import { eventReader } from './event-lines.ts';
import { type BundleManifest, manifestHash, readManifest } from './manifest.ts';
import { blobName, names } from './write-bundle.ts';

export interface BundleFinding {
  /** The damaged part; null for what lies between the parts. */
  readonly entry: string | null;
  /** One sentence for a person. */
  readonly sentence: string;
}

export interface BundleVerdict {
  readonly intact: boolean;
  readonly findings: readonly BundleFinding[];
  /** Null when it cannot be read. */
  readonly manifest: BundleManifest | null;
  readonly manifestHash: string | null;
}

/** What somebody does with the events of a bundle while they are verified. */
export type EventSink = (event: RecordedEvent) => void;

const mostManifestBytes = 64 * 1024 * 1024;

/**
 * Reads a bundle from its first byte to its last and holds everything against the signed manifest. Needs nothing but the bundle. What
 * the parts do not cover (the archive's own headers and its end) is compared with an archive that is made of the same parts.
 */
export const verifyBundle = async (
  bytes: Bytes,
  sink: EventSink = () => undefined,
): Promise<BundleVerdict> => {
  const given = createHash('sha256');
  const made = createHash('sha256');
  const findings: BundleFinding[] = [];
  const inspection = inspecting(findings, sink);
  try {
    const entries = archiveEntries(hashed(bytes, given));
    for await (const chunk of archiveBytes(inspection.pass(entries))) made.update(chunk);
  } catch (error) {
    const behind = inspection.last() ?? 'its beginning';
    const why = Error.isError(error) ? error.message : String(error);
    findings.push({
      entry: inspection.last(),
      sentence: `The archive is damaged in or behind ${behind}: ${why}.`,
    });
  }
  findings.push(...inspection.end());
  if (findings.length === 0 && given.digest('hex') !== made.digest('hex'))
    findings.push({
      entry: null,
      sentence: 'The archive was changed between its parts: in a header, or behind its end.',
    });
  const manifest = inspection.manifest();
  return {
    intact: findings.length === 0,
    findings,
    manifest,
    manifestHash: manifest === null ? null : manifestHash(manifest),
  };
};

async function* hashed(bytes: Bytes, into: ReturnType<typeof createHash>): Bytes {
  for await (const chunk of bytes) {
    into.update(chunk);
    yield chunk;
  }
}

const inspecting = (findings: BundleFinding[], sink: EventSink) => {
  let manifest: BundleManifest | null = null;
  let last: string | null = null;
  const seen = new Set<string>();
  const blobs = new Map<string, { readonly size: number; readonly sha256: string }>();

  const find = (entry: string | null, sentence: string): void => void findings.push({ entry, sentence });

  /** The manifest is small, and needed before anything else. */
  const takeManifest = async (entry: ArchiveEntry): Promise<ArchiveEntry> => {
    if (entry.size > mostManifestBytes) throw new RangeError('its manifest is far too large');
    const text = Buffer.concat(await Array.fromAsync(entry.bytes)).toString('utf8');
    const read = readManifest(text);
    if ('fault' in read) find(names.manifest, `The manifest is not good: ${read.fault}.`);
    else {
      manifest = read.manifest;
      for (const { hash, size } of manifest.blobs) blobs.set(blobName(hash), { size, sha256: hash });
    }
    return { ...textEntry(entry.name, text), size: entry.size };
  };

  const expectedOf = (name: string): { readonly size: number; readonly sha256: string } | null => {
    if (manifest === null) return null;
    if (name === names.events) return manifest.events;
    if (name === names.repository) return manifest.repository;
    return blobs.get(name) ?? null;
  };

  async function* checked(entry: ArchiveEntry): Bytes {
    const hash = createHash('sha256');
    const events = entry.name === names.events ? eventInspection(manifest, find, sink) : null;
    const bytes = hashed(entry.bytes, hash);
    if (events === null) yield* bytes;
    else yield* events(bytes);
    const expected = expectedOf(entry.name);
    if (expected === null) {
      if (manifest !== null) find(entry.name, `${entry.name} is not a part that the manifest names.`);
    } else if (expected.size !== entry.size || expected.sha256 !== hash.digest('hex'))
      find(entry.name, `${entry.name} is not what the manifest says: it was changed.`);
  }

  const missing = (): readonly BundleFinding[] => {
    if (manifest === null)
      return findings.length > 0 ? [] : [{ entry: names.manifest, sentence: 'There is no manifest.' }];
    const wanted = [
      names.events,
      ...(manifest.repository === null ? [] : [names.repository]),
      ...manifest.blobs.map(({ hash }) => blobName(hash)),
    ];
    return wanted
      .filter((name) => !seen.has(name))
      .map((name) => ({ entry: name, sentence: `${name} is missing.` }));
  };

  return {
    manifest: () => manifest,
    last: () => last,
    end: missing,
    pass: async function* (entries: AsyncIterable<ArchiveEntry>): AsyncGenerator<ArchiveEntry> {
      for await (const entry of entries) {
        last = entry.name;
        if (seen.has(entry.name)) find(entry.name, `${entry.name} is there twice.`);
        seen.add(entry.name);
        yield entry.name === names.manifest ? await takeManifest(entry) : { ...entry, bytes: checked(entry) };
      }
    },
  };
};

type Find = (entry: string | null, sentence: string) => void;

/** Looks at the events on the way: each stream's chain, and that over all of them. */
const eventInspection = (manifest: BundleManifest | null, find: Find, sink: EventSink) => {
  const streams = streamVerifier();
  let chain: LogChain = emptyLogChain;
  const reader = eventReader((event) => {
    chain = linked(chain, event);
    for (const { sentence } of streams.check(event)) find(names.events, sentence);
    sink(event);
  });

  const compare = ({ events, streams: named }: BundleManifest): void => {
    if (chain.total !== events.count || chain.head !== events.head)
      find(
        names.events,
        `The events are not those of the manifest, or not in their order: ${chain.total} of ${events.count} are there.`,
      );
    for (const { stream, events: count, head } of named) {
      const found = streams.heads().get(stream as StreamName);
      if (found?.hash !== head || found.revision !== count - 1)
        find(names.events, `${stream} does not end as the manifest says, with event ${count}.`);
    }
  };

  return async function* (bytes: Bytes): Bytes {
    let readable = true;
    const attempt = (work: () => void): void => {
      try {
        if (readable) work();
      } catch (error) {
        readable = false;
        find(
          names.events,
          `${names.events} cannot be read: ${Error.isError(error) ? error.message : String(error)}.`,
        );
      }
    };
    for await (const chunk of bytes) {
      attempt(() => reader.push(chunk));
      yield chunk;
    }
    attempt(reader.end);
    if (manifest !== null && readable) compare(manifest);
  };
};
