import type { EventStore } from '../event-store/index.ts';
import {
  beginning,
  type Position,
  type RecordedEvent,
  type RecordedIn,
  recordedIn,
  type StreamName,
} from '../events/index.ts';

/** Which events of the log were made elsewhere and brought in as history: nobody acts on those. */
export interface ImportedHistory {
  /** Those that were made here. */
  withoutImported<Event extends Pick<RecordedEvent, 'stream' | 'revision' | 'position'>>(
    events: readonly Event[],
  ): Promise<readonly Event[]>;
}

interface Range {
  readonly from: number;
  readonly through: number;
}

/** An import says in its stream what it will restore before it does, so what has to be known of an event stands before it in the log. */
export const importedHistory = (store: EventStore): ImportedHistory => {
  const imported = new Map<StreamName, Range[]>();
  let known: Position = beginning;
  let turn: Promise<void> = Promise.resolve();

  const enter = ({ type, data }: RecordedIn<'bundle'>): void => {
    if (type !== 'bundle.import_started') return;
    for (const [name, range] of Object.entries(data.streams)) {
      const stream = name as StreamName;
      imported.set(stream, [...(imported.get(stream) ?? []), range]);
    }
  };

  const readOn = async (upTo: Position): Promise<void> => {
    if (upTo <= known) return;
    for await (const { events, position } of store.readAll({
      after: known,
      filter: { categories: ['bundle'] },
    })) {
      recordedIn('bundle', events).forEach(enter);
      known = position;
    }
    if (upTo > known) known = upTo;
  };

  const follow = (upTo: Position): Promise<void> => {
    turn = turn.catch(() => undefined).then(() => readOn(upTo));
    return turn;
  };

  const isImported = ({ stream, revision }: Pick<RecordedEvent, 'stream' | 'revision'>): boolean =>
    imported.get(stream)?.some(({ from, through }) => from <= revision && revision <= through) ?? false;

  return {
    withoutImported: async (events) => {
      const last = events.at(-1);
      if (!last) return events;
      await follow(last.position);
      return imported.size === 0 ? events : events.filter((event) => !isImported(event));
    },
  };
};
