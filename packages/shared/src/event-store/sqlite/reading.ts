import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { asPosition, type EventRegistry, type RecordedEvent, type StreamName } from '../../events/index.ts';
import { PartituraError } from '../../runtime/errors.ts';
import type { EventFilter } from '../port.ts';
import type { Numbering } from './numbering.ts';
import { positionOf } from './positions.ts';

type Row = readonly [position: number, hash: string, body: string];

export interface PageRequest {
  /** Exclusive, in the direction of reading. */
  readonly after: number;
  readonly direction: 'forwards' | 'backwards';
  readonly limit: number;
  readonly asRecorded: boolean;
}

export interface Page {
  readonly events: readonly RecordedEvent[];
  /** Less than was asked for: there is nothing more. */
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

export const reader = (database: DatabaseSync, numbers: Numbering, registry: EventRegistry): Reader => {
  const statements = statementCache(database);

  const asEvent = ([position, hash, body]: Row, asRecorded: boolean): RecordedEvent => {
    const event = JSON.parse(body);
    event.position = asPosition(positionOf(position));
    event.hash = hash;
    if (asRecorded) return event;
    return upcast(event, registry);
  };

  const page = (
    statement: StatementSync,
    parameters: readonly (number | string)[],
    { limit, asRecorded }: PageRequest,
  ): Page => {
    const events: RecordedEvent[] = [];
    let characters = 0;
    const rows: Iterable<unknown> = statement.iterate(...parameters, limit);
    for (const row of rows) {
      const columns = row as Row;
      events.push(asEvent(columns, asRecorded));
      characters += columns[2].length;
      if (characters >= charactersInPage) return { events, last: false };
    }
    return { events, last: events.length < limit };
  };

  return {
    stream: (stream, request) => {
      const [compare, order] = comparison(request.direction);
      const sql = `SELECT position, hash, body FROM events
        WHERE stream = (SELECT number FROM streams WHERE name = ?) AND revision ${compare} ? ORDER BY revision ${order} LIMIT ?`;
      return page(statements(sql), [stream, request.after], request);
    },
    all: (filter, request) => {
      const sql = selection(filter, numbers, request.direction);
      return sql === null ? { events: [], last: true } : page(statements(sql), [request.after], request);
    },
  };
};

const upcast = (event: RecordedEvent, registry: EventRegistry): RecordedEvent => {
  try {
    const { version, data } = registry.upcast(event.type, event.version, event.data);
    return version === event.version ? event : { ...event, version, data };
  } catch (error) {
    throw new PartituraError(
      'EVENT_NOT_READABLE',
      `Revision ${event.revision} of ${event.stream} is ${event.type} in version ${event.version}, which this program cannot read.`,
      { advice: 'Use the version of Partitura that wrote it, or a newer one.', cause: error },
    );
  }
};

const comparison = (direction: 'forwards' | 'backwards'): readonly [string, string] =>
  direction === 'forwards' ? ['>', 'ASC'] : ['<', 'DESC'];

/** The query for a filter; each is served in order by one index or by a merge of its ranges. null when nothing can match. */
const selection = (
  filter: EventFilter,
  numbers: Numbering,
  direction: 'forwards' | 'backwards',
): string | null => {
  const [compare, order] = comparison(direction);
  const from = `SELECT position, hash, body FROM events`;
  const tail = `position ${compare} ?1`;
  const ordered = `ORDER BY position ${order} LIMIT ?2`;
  const kinds = filter.types || filter.categories ? numbers.kindsOf(filter) : null;
  if (kinds?.length === 0) return null;
  if (filter.runId !== undefined) {
    const run = numbers.runNumber(filter.runId);
    if (run === null) return null;
    // The plus keeps the kind out of the choice of an index: a run has fewer events than a type.
    const ofKinds = kinds ? ` AND +kind IN (${kinds.join(', ')})` : '';
    return `${from} INDEXED BY events_by_run WHERE run = ${run} AND ${tail}${ofKinds} ${ordered}`;
  }
  if (!kinds) return `${from} WHERE ${tail} ${ordered}`;
  return `${kinds.map((kind) => `${from} INDEXED BY events_by_kind WHERE kind = ${kind} AND ${tail}`).join(' UNION ALL ')} ${ordered}`;
};

/** Filters are few, runs are many: keeps the statements used last. */
const statementCache = (database: DatabaseSync) => {
  const most = 64;
  const cached = new Map<string, StatementSync>();
  return (sql: string): StatementSync => {
    const found = cached.get(sql);
    if (found) {
      cached.delete(sql);
      cached.set(sql, found);
      return found;
    }
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    cached.set(sql, statement);
    const [oldest] = cached.keys();
    if (cached.size > most && oldest !== undefined) cached.delete(oldest);
    return statement;
  };
};
