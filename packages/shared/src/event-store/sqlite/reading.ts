import type { DatabaseSync } from 'node:sqlite';
import { asPosition, type EventRegistry, type RecordedEvent, type StreamName } from '../../events/index.ts';
import { PartituraError } from '../../runtime/errors.ts';
import type { EventFilter } from '../port.ts';
import { upcastEvent } from '../upcast.ts';
import type { Numbering } from './numbering.ts';
import { oneLook } from './one-look.ts';
import type { Places, Reach, Selection } from './places.ts';
import { positionOf } from './positions.ts';
import type { Recent } from './recent.ts';

type Row = readonly [position: number, hash: string, body: string];

export interface PageRequest extends Reach {
  readonly asRecorded: boolean;
}

export interface Page {
  readonly events: readonly RecordedEvent[];
  /** There is nothing more. */
  readonly last: boolean;
}

export interface Reader {
  /** `after` is a revision. */
  stream(stream: StreamName, request: PageRequest): Page;
  /** `after` is a position. */
  all(filter: EventFilter, request: PageRequest): Page;
}

/** A page ends after the event that brings it past this many characters, whatever its limit: some events are big. */
const charactersInPage = 4_000_000;

export const reader = (
  database: DatabaseSync,
  numbers: Numbering,
  places: Places,
  recent: Recent,
  registry: EventRegistry,
): Reader => {
  const columns = 'SELECT position, hash, body FROM events WHERE position';
  const forwards = database.prepare(`${columns} > ? ORDER BY position LIMIT ?`);
  const backwards = database.prepare(`${columns} < ? ORDER BY position DESC LIMIT ?`);
  const at = database.prepare(`${columns} = ?`);
  for (const statement of [forwards, backwards, at]) statement.setReturnArrays(true);
  const streamNumber = database.prepare('SELECT number FROM streams WHERE name = ?');

  const inOneLook = oneLook(database);

  function* rowsAt(positions: readonly number[]): Generator<unknown> {
    for (const position of positions) yield at.get(position);
  }

  const pageOf = (rows: Iterable<unknown>, { limit, asRecorded }: PageRequest): Page => {
    const events: RecordedEvent[] = [];
    let characters = 0;
    for (const row of rows) {
      const [position, hash, body] = row as Row;
      events.push(asEvent(position, hash, body, asRecorded ? null : registry));
      characters += body.length;
      if (characters >= charactersInPage) return { events, last: false };
    }
    return { events, last: events.length < limit };
  };

  return {
    stream: (stream, request) => {
      const row = streamNumber.get(stream);
      if (!row) return nothing;
      return pageOf(rowsAt(places.ofStream(Number(row.number), request)), request);
    },
    all: (filter, request) => {
      const { after, direction, limit } = request;
      const selection = selectionOf(filter, numbers);
      if (selection === 'nothing') return nothing;
      // Only what was appended in its current version is recent: it need not be upcast.
      const known = direction === 'forwards' ? recent.after(after, selection, limit) : null;
      if (known) return { events: known, last: known.length < limit };
      if (selection) return inOneLook(() => pageOf(rowsAt(places.ofSelection(selection, request)), request));
      const statement = direction === 'forwards' ? forwards : backwards;
      return pageOf(statement.iterate(after, limit), request);
    },
  };
};

const nothing: Page = { events: [], last: true };

/** null selects everything; `nothing` when nothing can match: no such run, no event of such a type. */
const selectionOf = (filter: EventFilter, numbers: Numbering): Selection | null | 'nothing' => {
  if (Object.values(filter).every((condition) => condition === undefined)) return null;
  const kinds = filter.types || filter.categories ? numbers.kindsOf(filter) : null;
  const run = filter.runId === undefined ? null : numbers.runNumber(filter.runId);
  if (kinds?.length === 0 || (filter.runId !== undefined && run === null)) return 'nothing';
  return { run, kinds };
};

const asEvent = (
  position: number,
  hash: string,
  body: string,
  registry: EventRegistry | null,
): RecordedEvent => {
  const event = parsed(position, body);
  event.position = asPosition(positionOf(position));
  event.hash = hash;
  return registry ? upcastEvent(event, registry) : event;
};

const parsed = (position: number, body: string) => {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new PartituraError(
      'STORE_CORRUPT',
      `The event at ${positionOf(position)} is damaged: it is not JSON.`,
      {
        advice: 'Keep a copy of the directory as it is, then restore the last backup.',
        cause,
      },
    );
  }
};
