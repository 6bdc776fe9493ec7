import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { chainHash, type EventMetadata, type EventRegistry, type RecordedEvent } from '../../events/index.ts';
import type { PreparedEvent } from '../prepare-append.ts';
import { upcastEvent } from '../upcast.ts';
import { positionOf } from './positions.ts';
import type { StreamNames } from './stream-names.ts';

/** An event as it goes to the server. The server's id is made for every try: see `append-line.ts`. */
export interface ProposedRecord {
  readonly type: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

const encoder = new TextEncoder();

/**
 * Data goes as its canonical JSON, all else that is ours into the event's metadata: the server's own id must be a UUID and its
 * own time is that of the write. `hash` tells an event of ours from what others put into the database.
 */
export const proposedRecord = (
  event: PreparedEvent,
  revision: number,
  previousHash: string,
): { readonly record: ProposedRecord; readonly hash: string } => {
  const hash = chainHash(previousHash, `${event.before}${revision}${event.after}`);
  const { id, version, time, metadata } = event;
  return {
    hash,
    record: {
      type: event.type,
      data: encoder.encode(dataText(event)),
      metadata: encoder.encode(JSON.stringify({ hash, id, metadata, time, version })),
    },
  };
};

/** Out of the text that was made already: serialising the data again would not always give the canonical order of keys. */
const dataText = ({ before, id, metadata }: PreparedEvent): string => {
  const start = '{"data":'.length;
  const rest = `,"id":${JSON.stringify(id)},"metadata":${JSON.stringify(metadata)},"revision":`;
  return before.slice(start, before.length - rest.length);
};

/** As the server counts: Event.SizeOnDisk in its source. */
export const sizeOf = ({ type, data, metadata }: ProposedRecord): number =>
  data.length + metadata.length + type.length * 2;

interface OurMetadata {
  readonly hash: string;
  readonly id: string;
  readonly metadata: EventMetadata;
  readonly time: string;
  readonly version: number;
}

const isOurs = (value: unknown): value is OurMetadata =>
  typeof value === 'object' &&
  value !== null &&
  'hash' in value &&
  typeof value.hash === 'string' &&
  /^[0-9a-f]{64}$/.test(value.hash) &&
  'id' in value &&
  typeof value.id === 'string' &&
  'metadata' in value &&
  typeof value.metadata === 'object' &&
  'time' in value &&
  typeof value.time === 'string' &&
  'version' in value &&
  typeof value.version === 'number';

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');

const parsed = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(textOf(bytes));
  } catch {
    return undefined;
  }
};

/** As it was recorded; null for what is not ours: the server's own events and those of others. */
export const recordedEvent = (
  read: ReadResp.ReadEvent | undefined,
  names: StreamNames,
): RecordedEvent | null => {
  const record = read?.getEvent();
  if (!record) return null;
  const stream = names.ours(record.getStreamIdentifier()?.getStreamName_asU8() ?? new Uint8Array());
  if (stream === null) return null;
  const ours = parsed(record.getCustomMetadata_asU8());
  const data = parsed(record.getData_asU8());
  if (!isOurs(ours) || data === undefined) return null;
  return {
    data,
    id: ours.id,
    metadata: ours.metadata,
    revision: Number(record.getStreamRevision()),
    stream,
    time: ours.time,
    type: record.getMetadataMap().get('type') ?? '',
    version: ours.version,
    position: positionOf({ commit: record.getCommitPosition(), prepare: record.getPreparePosition() }),
    hash: ours.hash,
  };
};

/** `registry` null: as it was recorded. */
export const inCurrentVersion = (event: RecordedEvent, registry: EventRegistry | null): RecordedEvent =>
  registry ? upcastEvent(event, registry) : event;
