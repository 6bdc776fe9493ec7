import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';

/** A record as the transaction log has it. */
export interface StoredEvent {
  /** UUID given by the client. */
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  /** Commit and prepare position are one for what is written without an explicit transaction. */
  readonly position: bigint;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
  /** .NET ticks since 1970: 100 ns. */
  readonly created: string;
}

export type ProposedEvent = Pick<StoredEvent, 'id' | 'type' | 'contentType' | 'data' | 'metadata'>;

/** A number is the revision of the stream's last event. */
export type Expected = bigint | 'any' | 'no_stream' | 'stream_exists';

export interface ProposedAppend {
  readonly stream: string;
  readonly events: readonly ProposedEvent[];
  readonly expected: Expected;
}

export type Appended =
  | { readonly kind: 'written'; readonly revision: number; readonly position: bigint }
  | { readonly kind: 'wrong_expected_version'; readonly current: number };

/** Where the log is kept beyond the process. */
export interface Journal {
  /** What was written before, in order. */
  load(): Iterable<StoredEvent>;
  /** Durable when it returns. */
  write(records: readonly StoredEvent[]): void;
  close(): void;
}

export interface MemoryLog {
  readonly records: readonly StoredEvent[];
  /** The index of the first record after the position. */
  indexAfter(position: bigint): number;
  stream(name: string): readonly StoredEvent[];
  /** One after the other, each by itself refused or written; durable, if the log is, when it returns. */
  append(appends: readonly ProposedAppend[]): readonly Appended[];
  /** What the server does in time: ids of older events are not compared with any more. */
  forgetIds(): void;
  /** Called after every append; the result takes the listener back. */
  listen(listener: () => void): () => void;
}

/** A journal for a log that ends with the process. */
export const noJournal: Journal = { load: () => [], write: () => undefined, close: () => undefined };

/**
 * Revision checks and idempotency as the server documents them: an append whose ids stand at the place where they would be
 * written is acknowledged and not repeated, as long as the ids are remembered; one that is there in part is refused
 * (https://developers.eventstore.com/server/v24.10/features/streams, "Idempotent writes").
 */
export const memoryLog = (journal: Journal = noJournal): MemoryLog => {
  const records: StoredEvent[] = [];
  const streams = new Map<string, StoredEvent[]>();
  const listeners = new Set<() => void>();
  let remembered = new Map<string, StoredEvent>();
  /** The first records of a new database are the server's own. */
  let end = 1_337n;

  const enter = (record: StoredEvent): void => {
    const there = streams.get(record.stream);
    if (there) there.push(record);
    else streams.set(record.stream, [record]);
    records.push(record);
    remembered.set(`${record.stream} ${record.id}`, record);
    end = record.position + BigInt(150 + record.data.length + record.metadata.length);
  };

  const write = (stream: string, events: readonly ProposedEvent[]): Appended => {
    const created = `${BigInt(Date.now()) * 10_000n}`;
    for (const event of events)
      enter({ ...event, stream, revision: streams.get(stream)?.length ?? 0, position: end, created });
    const there = streams.get(stream);
    return { kind: 'written', revision: (there?.length ?? 0) - 1, position: there?.at(-1)?.position ?? end };
  };

  const writtenBefore = ({ stream, events, expected }: ProposedAppend): StoredEvent | null => {
    const found = events.map(({ id }) => remembered.get(`${stream} ${id}`));
    const first = found[0];
    if (!first || found.some((record, index) => record?.revision !== first.revision + index)) return null;
    if (typeof expected === 'bigint' && BigInt(first.revision) !== expected + 1n) return null;
    if (expected === 'no_stream' && first.revision !== 0) return null;
    return found.at(-1) ?? null;
  };

  const decide = (append: ProposedAppend): Appended => {
    const current = (streams.get(append.stream)?.length ?? 0) - 1;
    const before = writtenBefore(append);
    if (before) return { kind: 'written', revision: before.revision, position: before.position };
    if (!isAsExpected(append.expected, current)) return { kind: 'wrong_expected_version', current };
    return write(append.stream, append.events);
  };

  for (const record of journal.load()) enter(record);

  return {
    records,
    indexAfter: (position) => firstIndex(records, (record) => record.position > position),
    stream: (name) => streams.get(name) ?? [],
    append: (appends) => {
      const before = records.length;
      const outcomes = appends.map(decide);
      // Nobody can look in between: what is seen is durable.
      if (records.length > before) journal.write(records.slice(before));
      for (const listener of listeners) listener();
      return outcomes;
    },
    forgetIds: () => {
      remembered = new Map();
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

/** By halving; the length when it fits none. */
const firstIndex = (records: readonly StoredEvent[], isBehind: (record: StoredEvent) => boolean): number => {
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const record = records[middle];
    if (record && isBehind(record)) high = middle;
    else low = middle + 1;
  }
  return low;
};

const isAsExpected = (expected: Expected, current: number): boolean => {
  switch (expected) {
    case 'any':
      return true;
    case 'no_stream':
      return current === -1;
    case 'stream_exists':
      return current >= 0;
    default:
      return expected === BigInt(current);
  }
};

/** Regex or prefixes, on the event's type or its stream's name. */
export const matcher = (
  filter: ReadReq.Options.FilterOptions | undefined,
): ((event: StoredEvent) => boolean) => {
  if (!filter) return () => true;
  const onType = filter.hasEventType();
  const expression = onType ? filter.getEventType() : filter.getStreamIdentifier();
  const prefixes = expression?.getPrefixList() ?? [];
  const regex = expression?.getRegex() ? new RegExp(expression.getRegex()) : null;
  return ({ type, stream }) => {
    const text = onType ? type : stream;
    return regex ? regex.test(text) : prefixes.some((prefix) => text.startsWith(prefix));
  };
};
