import type { DatabaseSync, StatementSync } from 'node:sqlite';

export interface Reach {
  /** Exclusive, in the direction of reading. */
  readonly after: number;
  readonly direction: 'forwards' | 'backwards';
  readonly limit: number;
}

export interface Selection {
  readonly run: number | null;
  /** null for any. */
  readonly kinds: readonly number[] | null;
}

/** Finds the positions of events by stream, run and kind. */
export interface Places {
  /** `after` is a revision. */
  ofStream(stream: number, reach: Reach): readonly number[];
  /** `after` is a position. */
  ofSelection(selection: Selection, reach: Reach): readonly number[];
  /** Enters an event that this transaction has written. */
  written(stream: number, revision: number, position: number): void;
  /** Within the transaction that wrote: moves what is due into the index tables. */
  settle(): void;
  /** Believes the database again, after a rollback or when somebody else wrote. */
  reload(): void;
}

/**
 * The index tables stay behind the log by up to this many events, and take them in all at once, sorted. Entered with each
 * commit, 32 events of 32 streams dirty some 40 pages beside the five that hold them, and a commit costs twice the time; 1,000
 * at a time they touch each page once. The events that are not in the tables yet are known here by stream, and are few enough
 * to be looked through by run and kind.
 */
const mostBehind = 1_000;

export const places = (database: DatabaseSync): Places => {
  const readReach = database.prepare('SELECT position FROM indexed');
  const readBehind = database.prepare(
    'SELECT stream, revision, position FROM events WHERE position > ? ORDER BY position',
  );
  const enter = [
    'INSERT INTO by_stream SELECT stream, revision, position FROM events WHERE position > ? ORDER BY stream, revision',
    'INSERT INTO by_kind SELECT kind, position FROM events WHERE position > ? ORDER BY kind, position',
    'INSERT INTO by_run SELECT run, position, kind FROM events WHERE position > ? AND run IS NOT NULL ORDER BY run, position',
  ].map((sql) => database.prepare(sql));
  const setReach = database.prepare('UPDATE indexed SET position = (SELECT max(position) FROM events)');
  const statements = positionStatements(database);
  let upTo = 0;
  let behind = new Map<number, { readonly first: number; readonly positions: number[] }>();
  let count = 0;

  const written = (stream: number, revision: number, position: number): void => {
    count += 1;
    const known = behind.get(stream);
    if (known) known.positions.push(position);
    else behind.set(stream, { first: revision, positions: [position] });
  };

  const reload = (): void => {
    upTo = Number(readReach.get()?.position);
    behind = new Map();
    count = 0;
    for (const row of readBehind.all(upTo))
      written(Number(row.stream), Number(row.revision), Number(row.position));
  };

  const streamBehind = (stream: number, { after, direction, limit }: Reach): readonly number[] => {
    const found = behind.get(stream);
    if (!found) return [];
    const { first, positions } = found;
    if (direction === 'forwards') return positions.slice(Math.max(0, after + 1 - first)).slice(0, limit);
    return positions
      .slice(0, Math.max(0, after - first))
      .toReversed()
      .slice(0, limit);
  };

  const streamEntered = (stream: number, { after, direction, limit }: Reach): readonly number[] => {
    const [compare, order] = comparison(direction);
    return statements(
      `SELECT position FROM by_stream WHERE stream = ? AND revision ${compare} ? ORDER BY revision ${order} LIMIT ?`,
      [stream, after, limit],
    );
  };

  const selectionBehind = (selection: Selection, { after, direction, limit }: Reach): readonly number[] => {
    const [from, to] =
      direction === 'forwards' ? [Math.max(after, upTo), Number.MAX_SAFE_INTEGER] : [upTo, after];
    const order = direction === 'forwards' ? 'ASC' : 'DESC';
    const sql = `SELECT position FROM events WHERE position > ? AND position < ?${conditions(selection)} ORDER BY position ${order} LIMIT ?`;
    return from >= to - 1 ? [] : statements(sql, [from, to, limit]);
  };

  const selectionEntered = (selection: Selection, { after, direction, limit }: Reach): readonly number[] => {
    if (direction === 'forwards' && after >= upTo) return [];
    return statements(enteredQuery(selection, direction), [after, limit]);
  };

  return {
    // Forwards the tables come first, backwards last: what is not in them yet is the end of the log.
    ofStream: (stream, reach) =>
      inTurn(
        reach,
        (rest) => streamEntered(stream, rest),
        (rest) => streamBehind(stream, rest),
      ),
    ofSelection: (selection, reach) =>
      inTurn(
        reach,
        (rest) => selectionEntered(selection, rest),
        (rest) => selectionBehind(selection, rest),
      ),
    written,
    settle: () => {
      if (count < mostBehind) return;
      for (const statement of enter) statement.run(upTo);
      setReach.run();
      reload();
    },
    reload,
  };
};

type Find = (reach: Reach) => readonly number[];

const inTurn = (reach: Reach, entered: Find, behind: Find): readonly number[] => {
  const [first, second] = reach.direction === 'forwards' ? [entered, behind] : [behind, entered];
  const found = first(reach);
  if (found.length >= reach.limit) return found;
  return [...found, ...second({ ...reach, limit: reach.limit - found.length })];
};

const comparison = (direction: 'forwards' | 'backwards'): readonly [string, string] =>
  direction === 'forwards' ? ['>', 'ASC'] : ['<', 'DESC'];

const conditions = ({ run, kinds }: Selection): string =>
  `${run === null ? '' : ` AND run = ${run}`}${kinds === null ? '' : ` AND kind IN (${kinds.join(', ')})`}`;

/** Served in order by one range of an index table, or by a merge of several. */
export const enteredQuery = (selection: Selection, direction: 'forwards' | 'backwards'): string => {
  const [compare, order] = comparison(direction);
  const rest = `ORDER BY position ${order} LIMIT ?2`;
  if (selection.run !== null)
    return `SELECT position FROM by_run WHERE position ${compare} ?1${conditions(selection)} ${rest}`;
  const ranges = (selection.kinds ?? []).map(
    (kind) => `SELECT position FROM by_kind WHERE kind = ${kind} AND position ${compare} ?1`,
  );
  return `${ranges.join(' UNION ALL ')} ${rest}`;
};

/** Runs queries for positions. Filters are few, runs are many: keeps the statements used last. */
const positionStatements = (database: DatabaseSync) => {
  const most = 64;
  const kept = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    const statement = kept.get(sql) ?? database.prepare(sql);
    kept.delete(sql);
    kept.set(sql, statement);
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    return statement;
  };
  return (sql: string, parameters: readonly number[]): readonly number[] =>
    prepared(sql)
      .all(...parameters)
      .map(({ position }) => Number(position));
};
