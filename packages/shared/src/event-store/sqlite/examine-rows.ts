import type { DatabaseSync } from 'node:sqlite';
import {
  asPosition,
  chainedText,
  eventText,
  isStreamName,
  parseStreamName,
  type RecordedEvent,
  type StreamName,
} from '../../events/index.ts';
import type { ExaminedPage, StorageFinding } from '../port.ts';
import { positionOf } from './positions.ts';
import { atPosition } from './storage-findings.ts';

const rowsInPage = 256;
/** Positions tried one by one behind a page of the file that cannot be read: a page of 4 KiB holds a few events. */
const mostUnreadable = 2_000;

interface Row {
  readonly position: number;
  readonly stream: string | null;
  readonly revision: number;
  readonly category: string | null;
  readonly type: string | null;
  readonly run: string | null;
  readonly hash: string;
  readonly body: string;
}

type Read = readonly Row[] | { readonly failure: unknown };

/** Every row of the log in order, up to where it ends now: while it is read it may grow faster. */
export async function* examineRows(database: DatabaseSync): AsyncGenerator<ExaminedPage> {
  const { page, at, last } = statements(database);
  const end = last();
  for (let position = 0; ; ) {
    const rows = page(position, end);
    if ('failure' in rows) {
      const { pages, reached } = rowByRow(at, position, end);
      yield* pages;
      if (reached >= end) return;
      position = reached;
      continue;
    }
    const findings = rows.flatMap((row, index) => gapBefore(row, rows[index - 1]?.position ?? position));
    const read = rows.map(eventIn);
    yield {
      events: read.flatMap(({ event }) => event ?? []),
      findings: [...findings, ...read.flatMap((one) => one.findings)],
    };
    const reached = rows.at(-1)?.position;
    if (rows.length < rowsInPage || reached === undefined) return;
    position = reached;
  }
}

/** Behind a place that cannot be read: each by itself, until nothing more is hoped for. */
const rowByRow = (at: (position: number) => Read, after: number, end: number) => {
  const reached = Math.min(end, after + mostUnreadable);
  const missing: number[] = [];
  const pages: ExaminedPage[] = [];
  for (let position = after + 1; position <= reached; position += 1) {
    const rows = at(position);
    if ('failure' in rows || rows.length === 0) missing.push(position);
    else pages.push(...rows.map((row) => pageOf(eventIn(row))));
  }
  return { pages: [{ events: [], findings: unreadable(missing, after) }, ...pages], reached };
};

const unreadable = (missing: readonly number[], after: number): readonly StorageFinding[] => {
  const from = missing[0] ?? after + 1;
  const to = positionOf(missing.at(-1) ?? from);
  const count = Math.max(1, missing.length);
  const events = count === 1 ? '1 event' : `${count} events`;
  return [
    atPosition(from, `The file of the log is damaged here: ${events} from here to ${to} cannot be read.`),
  ];
};

const pageOf = ({ event, findings }: ReturnType<typeof eventIn>): ExaminedPage => ({
  events: event ? [event] : [],
  findings,
});

const gapBefore = ({ position }: Row, before: number): readonly StorageFinding[] => {
  if (position === before + 1) return [];
  const first = positionOf(before + 1);
  const last = positionOf(position - 1);
  const which = first === last ? `The position ${first} is` : `The positions ${first} to ${last} are`;
  return [atPosition(before + 1, `${which} empty: what was recorded there was removed.`)];
};

const eventIn = (
  row: Row,
): { readonly event: RecordedEvent | null; readonly findings: readonly StorageFinding[] } => {
  const parsed = eventText.safeParse(parsedJson(row.body));
  if (!parsed.success)
    return {
      event: null,
      findings: [
        atPosition(row.position, 'The event at this position is damaged: it cannot be read as an event.', {
          stream: isStreamName(row.stream) ? row.stream : null,
          revision: row.revision,
        }),
      ],
    };
  // Its shape was looked at; whether it is what was recorded says its hash.
  const event: RecordedEvent = {
    ...parsed.data,
    position: asPosition(positionOf(row.position)),
    hash: String(row.hash),
  };
  return { event, findings: besideIt(row, event) };
};

/** The columns by which an event is found have to say what it says itself. */
const besideIt = (row: Row, event: RecordedEvent): readonly StorageFinding[] => {
  const said = [
    event.stream,
    event.revision,
    categoryOf(event.stream),
    event.type,
    event.metadata.runId ?? null,
  ];
  const kept = [row.stream, row.revision, row.category, row.type, row.run];
  const { stream, revision, id } = event;
  if (chainedText(event) !== row.body)
    return [
      atPosition(row.position, `The text of revision ${revision} of ${stream} is not as it was written.`, {
        stream,
        revision,
        eventId: id,
      }),
    ];
  if (said.every((value, index) => value === kept[index])) return [];
  const detail = `What is kept beside revision ${revision} of ${stream} to find it by (stream, revision, type or run) is not what the event says.`;
  return [atPosition(row.position, detail, { stream, revision, eventId: id })];
};

const parsedJson = (text: unknown): unknown => {
  try {
    return JSON.parse(String(text));
  } catch {
    return null;
  }
};

const categoryOf = (stream: StreamName): string => parseStreamName(stream).category;

const statements = (database: DatabaseSync) => {
  const select = `
    SELECT e.position, s.name AS stream, e.revision, k.category, k.type, r.id AS run, e.hash, e.body
    FROM events e LEFT JOIN streams s ON s.number = e.stream LEFT JOIN kinds k ON k.number = e.kind
      LEFT JOIN runs r ON r.number = e.run`;
  const run = (sql: string, ...values: readonly number[]): Read => {
    try {
      const rows: readonly unknown[] = database.prepare(`${select} ${sql}`).all(...values);
      return rows as readonly Row[];
    } catch (failure) {
      return { failure };
    }
  };
  return {
    page: (after: number, end: number) =>
      run('WHERE e.position > ? AND e.position <= ? ORDER BY e.position LIMIT ?', after, end, rowsInPage),
    at: (position: number) => run('WHERE e.position = ?', position),
    last: () => Number(database.prepare('SELECT coalesce(max(position), 0) AS last FROM events').get()?.last),
  };
};
