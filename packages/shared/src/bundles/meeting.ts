import { createReadStream } from 'node:fs';
import type { EventStore } from '../event-store/index.ts';
import { type RecordedEvent, type StreamName, streamName } from '../events/index.ts';
import { PartituraError } from '../runtime/errors.ts';
import { archiveEntries } from './archive.ts';
import { eventsIn } from './event-lines.ts';
import type { BundleManifest } from './manifest.ts';
import { names } from './write-bundle.ts';

/** How a stream of the bundle meets what is here. */
interface Meeting {
  /** Events that are here. */
  readonly here: number;
  readonly of: number;
}
export type Meetings = ReadonlyMap<StreamName, Meeting>;

/** @throws {PartituraError} `BUNDLE_CONFLICT` for a stream that has another past here */
export const meet = async (path: string, manifest: BundleManifest, store: EventStore): Promise<Meetings> => {
  const last = new Map<StreamName, RecordedEvent>();
  const meetings = new Map<StreamName, Meeting>();
  for (const { stream: name, events: of } of manifest.streams) {
    const stream = name as StreamName;
    const event = await lastUpTo(store, stream, of - 1);
    if (event) last.set(stream, event);
    meetings.set(stream, { here: (event?.revision ?? -1) + 1, of });
  }
  for await (const events of eventsOfBundle(path))
    for (const { stream, revision, hash } of events) {
      const here = last.get(stream);
      if (here?.revision === revision && here.hash !== hash)
        throw new PartituraError('BUNDLE_CONFLICT', `${stream} is here already, with another past.`, {
          advice: 'Import it into an installation that does not have this project.',
        });
    }
  return meetings;
};

const lastUpTo = async (store: EventStore, stream: StreamName, revision: number) => {
  const end = { direction: 'backwards', limit: 1, asRecorded: true } as const;
  const [page] = await Array.fromAsync(store.readStream(stream, end));
  const last = page?.[0];
  if (!last || last.revision <= revision) return last;
  const reach = { from: revision, limit: 1, asRecorded: true };
  return (await Array.fromAsync(store.readStream(stream, reach))).flat()[0];
};

/** A run that was made here and goes on is no history, whatever a bundle says of its future. */
export const refuseHalfOfOurOwn = (meetings: Meetings, runId: string): void => {
  const run = meetings.get(streamName('run', runId));
  if (!run || run.here === 0 || run.here >= run.of) return;
  throw new PartituraError('BUNDLE_CONFLICT', `The run ${runId} is here already, and has not come as far.`, {
    advice: 'Import it into an installation that does not have it.',
  });
};

export const rangesOf = (meetings: Meetings) =>
  Object.fromEntries(
    [...meetings]
      .filter(([, { here, of }]) => here < of)
      .map(([stream, { here, of }]) => [stream, { from: here, through: of - 1 }]),
  );

async function* eventsOfBundle(path: string): AsyncGenerator<readonly RecordedEvent[]> {
  for await (const { name, bytes } of archiveEntries(createReadStream(path))) {
    if (name === names.events) yield* eventsIn(bytes);
    // Read to its end: the next one comes only then.
    else for await (const _ of bytes);
  }
}
