import { type ImportedHistory, importedHistory } from '../bundles/imported-history.ts';
import type { EventStore } from '../event-store/index.ts';
import type { ForkedRun, Position, RecordedEvent, RunEvent, StreamName } from '../events/index.ts';

export type Forked = RecordedEvent<Extract<RunEvent, { type: 'run.forked' }>>;

interface KnownForks {
  readonly history: ImportedHistory;
  /** By stream, of imported forks: where the last event that they inherited stands here. */
  readonly positions: Map<string, Position>;
}

const remembered = new WeakMap<EventStore, KnownForks>();

const knownForks = (store: EventStore): KnownForks => {
  const known = remembered.get(store) ?? { history: importedHistory(store), positions: new Map() };
  remembered.set(store, known);
  return known;
};

const atOnce = 32;

/** Null when none of them is here. */
const lastInherited = async (
  store: EventStore,
  { streams }: Pick<ForkedRun, 'streams'>,
): Promise<Position | null> => {
  const ends = Object.entries(streams);
  let last: Position | null = null;
  for (let from = 0; from < ends.length; from += atOnce) {
    const reads = ends
      .slice(from, from + atOnce)
      .map(([stream, revision]) =>
        Array.fromAsync(store.readStream(stream as StreamName, { from: revision, limit: 1 })),
      );
    for (const { position } of (await Promise.all(reads)).flat(2))
      if (last === null || position > last) last = position;
  }
  return last;
};

/**
 * A fork's beginning, to be understood here. The position in it is one of the store that recorded it: of a fork that was imported
 * that says nothing here, and its place is taken by the position which the last inherited event has here. Revisions say which that is.
 */
export const asOfHere = async (store: EventStore, forked: Forked): Promise<Forked> => {
  const { history, positions } = knownForks(store);
  const [ownFork] = await history.withoutImported([forked]);
  if (ownFork) return forked;
  const at = positions.get(forked.stream) ?? (await lastInherited(store, forked.data));
  if (at === null) return forked;
  positions.set(forked.stream, at);
  return { ...forked, data: { ...forked.data, at } };
};
