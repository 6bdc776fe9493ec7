import { gunzipSync, gzipSync } from 'node:zlib';
import type { BlobStore } from '@partitura/shared/blobs';
import { sha256 } from '@partitura/shared/canonical';
import type { EventStore } from '@partitura/shared/event-store';
import {
  asPosition,
  eventRegistry,
  type Position,
  type RecordedEvent,
  type StreamName,
} from '@partitura/shared/events';
import { closedStore } from '@partitura/shared/replaying';
import { z } from 'zod';

/**
 * A run as a version of this program recorded it, in one file: a line that says what it is, its events as they were recorded, and what of
 * its blobs a replay reads.
 */
export interface History {
  readonly about: About;
  readonly events: readonly RecordedEvent[];
  /** By their SHA-256. */
  readonly blobs: ReadonlyMap<string, string>;
}

const about = z.strictObject({
  /** What happens in it. */
  about: z.string(),
  run: z.string(),
  /** Of the program that recorded it. */
  version: z.string(),
  /** Types that have to be in it: what it was recorded for. */
  shows: z.array(z.string()),
});
export type About = z.infer<typeof about>;

const line = z.union([
  z.strictObject({ history: about }),
  z.strictObject({ event: z.custom<RecordedEvent>((value) => typeof value === 'object' && value !== null) }),
  z.strictObject({ blob: z.string() }),
]);

export const writeHistory = ({ about: said, events, blobs }: History): Uint8Array => {
  const lines = [
    { history: said },
    ...events.map((event) => ({ event })),
    ...[...blobs.values()].sort().map((blob) => ({ blob })),
  ];
  return gzipSync(lines.map((one) => `${JSON.stringify(one)}\n`).join(''), { level: 9 });
};

/** @throws {Error} for a file that has no first line */
export const readHistory = (content: Uint8Array): History => {
  const lines = gunzipSync(content).toString('utf8').trimEnd().split('\n');
  const read = lines.map((text) => line.parse(JSON.parse(text)));
  const [first] = read;
  if (!first || !('history' in first)) throw new Error('A history says first what it is.');
  return {
    about: first.history,
    events: read.flatMap((one) => ('event' in one ? [one.event] : [])),
    blobs: new Map(read.flatMap((one) => ('blob' in one ? [[sha256(one.blob), one.blob] as const] : []))),
  };
};

/** A log with nothing in it but a history, upcast as every log's events are. */
export const storeOf = ({ events }: Pick<History, 'events'>): EventStore => {
  const streams = Map.groupBy(events, ({ stream }) => stream);
  return {
    ...closedStore,
    readStream: async function* (stream: StreamName) {
      const page = (streams.get(stream) ?? []).map((event): RecordedEvent => {
        const { version, data } = eventRegistry.upcast(event.type, event.version, event.data);
        return { ...event, version, data };
      });
      if (page.length > 0) yield page;
    },
  };
};

export const endOf = ({ events }: Pick<History, 'events'>): Position =>
  events.reduce<Position>((last, { position }) => (position > last ? position : last), asPosition(''));

export const blobsOf = ({ blobs }: Pick<History, 'blobs'>): Pick<BlobStore, 'get' | 'has'> => ({
  get: async (hash) => {
    const content = blobs.get(hash);
    if (content === undefined) throw new Error(`The history has no blob ${hash}.`);
    return new TextEncoder().encode(content);
  },
  has: async (hash) => blobs.has(hash),
});
