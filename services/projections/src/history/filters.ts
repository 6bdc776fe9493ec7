import type { EventStore } from '@partitura/shared/event-store';
import { asPosition, registry } from '@partitura/shared/events';
import type { HistoryQuery } from '@partitura/shared/http';
import type { Query } from '@partitura/shared/read-models';
import { PartituraError } from '@partitura/shared/runtime';

type Bounds = NonNullable<Query['between']>;

/** What of a history is wanted, wherever it stands. */
export interface Filters {
  readonly where: Readonly<Record<string, string | readonly string[]>>;
  readonly between: Bounds;
  readonly within: Readonly<Record<string, Bounds>>;
}

const known: ReadonlySet<string> = new Set(
  Object.values(registry).flatMap((contracts) => Object.keys(contracts)),
);

/** Times are compared as they are written: "10:00:00Z" would come after "10:00:00.500Z". */
const inFull = (time: string): string => new Date(time).toISOString();

const bounds = (from: string | undefined, to: string | undefined): Bounds => ({
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
});

/** @throws {PartituraError} `UNKNOWN_EVENT_TYPE`: an empty list must not stand for a mistyped one */
const typesOf = (text: string): readonly string[] => {
  const types = [...new Set(text.split(',').map((one) => one.trim()))];
  const unknown = types.find((type) => !known.has(type));
  if (unknown === undefined) return types;
  throw new PartituraError('UNKNOWN_EVENT_TYPE', `There is no event type "${unknown}".`, {
    advice: 'Give types as events have them, such as task.completed; several are separated by commas.',
  });
};

/** @throws {PartituraError} `BAD_RANGE` */
const requireOrder = ({ from, to }: Bounds, what: string): void => {
  if (from === undefined || to === undefined || from <= to) return;
  throw new PartituraError('BAD_RANGE', `The first ${what}, ${from}, comes after the last one, ${to}.`);
};

/**
 * Only the log knows its own positions.
 * @throws {PartituraError} `INVALID_POSITION` for what has not their form, `UNKNOWN_POSITION` for what it has not come to
 */
export const requireReached = async (store: EventStore, text: string): Promise<void> => {
  const position = asPosition(text);
  for await (const _ of store.readAll({ after: position, limit: 1 })) return;
  if (position <= (await store.head())) return;
  throw new PartituraError('UNKNOWN_POSITION', `The log has not come to "${text}".`, {
    advice: 'Give a position as a command or an event had it.',
  });
};

export const filtersOf = async (store: EventStore, query: HistoryQuery): Promise<Filters> => {
  const { from, to, type, actor } = query;
  const between = bounds(from, to);
  const since = query.since === undefined ? undefined : inFull(query.since);
  const until = query.until === undefined ? undefined : inFull(query.until);
  const time = bounds(since, until);
  for (const position of Object.values(between)) await requireReached(store, position);
  requireOrder(between, 'position');
  requireOrder(time, 'time');
  return {
    where: {
      ...(type === undefined ? {} : { type: typesOf(type) }),
      ...(actor === undefined ? {} : { actor }),
    },
    between,
    within: Object.keys(time).length === 0 ? {} : { time },
  };
};
