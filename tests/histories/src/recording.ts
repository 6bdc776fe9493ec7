import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import { asRunId, type ProjectEvent, type RecordedEvent, streamName } from '@partitura/shared/events';
import { originOf } from '@partitura/shared/forking';
import type { About, History } from './history.ts';
import { replayAll } from './replaying.ts';

interface Source {
  readonly store: EventStore;
  readonly blobs: Pick<BlobStore, 'get' | 'has'>;
}

type Requested = Extract<ProjectEvent, { type: 'project.run_requested' }>;

const isRequestOf = ({ type, data }: RecordedEvent, run: string): boolean =>
  type === 'project.run_requested' && (data as Requested['data']).runId === run;

/** The streams that a run is made of, and its project's wish for it. */
const replayed: ReadonlySet<string> = new Set(['run', 'plan', 'agent', 'merge']);

/** The run, and those it was forked from. */
const lineOf = async (store: EventStore, run: string): Promise<readonly string[]> => {
  const origin = await originOf(store, run);
  return origin === null ? [run] : [run, ...(await lineOf(store, origin.parentRunId))];
};

const eventsOf = async ({ store }: Source, runs: readonly string[]): Promise<readonly RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for await (const page of store.readAll({ asRecorded: true }))
    events.push(
      ...page.events.filter((event) => {
        const [category = '', id = ''] = event.stream.split(/-(.*)/s);
        const isOwn = replayed.has(category) && runs.includes(id.split('.')[0] ?? '');
        return isOwn || runs.some((run) => isRequestOf(event, run));
      }),
    );
  return events;
};

/** Takes a run out of a log, with the blobs that its replay reads. */
export const recordHistory = async (source: Source, about: About): Promise<History> => {
  const events = await eventsOf(source, await lineOf(source.store, about.run));
  if (!events.some(({ stream }) => stream === streamName('run', asRunId(about.run))))
    throw new Error(`There is no run ${about.run}.`);
  const types = new Set(events.map(({ type }) => type));
  const missing = about.shows.filter((type) => !types.has(type));
  if (missing.length > 0) throw new Error(`It has no ${missing.join(', ')}.`);
  const blobs = new Map<string, string>();
  const watched: Source['blobs'] = {
    has: source.blobs.has,
    get: async (hash) => {
      const content = await source.blobs.get(hash);
      blobs.set(hash, new TextDecoder().decode(content));
      return content;
    },
  };
  await replayAll({ store: source.store, blobs: watched }, about.run, await source.store.head());
  return { about, events, blobs };
};
