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

export type Appended =
  | { readonly kind: 'written'; readonly revision: number; readonly position: bigint }
  | { readonly kind: 'wrong_expected_version'; readonly current: number };

export interface MemoryLog {
  readonly records: readonly StoredEvent[];
  stream(name: string): readonly StoredEvent[];
  append(stream: string, events: readonly ProposedEvent[], expected: Expected): Appended;
  /** What the server does in time: ids of older events are not compared with any more. */
  forgetIds(): void;
  /** Called after every append; the result takes the listener back. */
  listen(listener: () => void): () => void;
}

/**
 * Revision checks and idempotency as the server documents them: an append whose ids stand at the place where they would be
 * written is acknowledged and not repeated, as long as the ids are remembered; one that is there in part is refused
 * (https://developers.eventstore.com/server/v24.10/features/streams, "Idempotent writes").
 */
export const memoryLog = (): MemoryLog => {
  const records: StoredEvent[] = [];
  const streams = new Map<string, StoredEvent[]>();
  const listeners = new Set<() => void>();
  let remembered = new Map<string, StoredEvent>();
  /** The first records of a new database are the server's own. */
  let end = 1_337n;

  const write = (stream: string, events: readonly ProposedEvent[]): Appended => {
    const there = streams.get(stream) ?? [];
    streams.set(stream, there);
    for (const event of events) {
      const record: StoredEvent = {
        ...event,
        stream,
        revision: there.length,
        position: end,
        created: `${BigInt(Date.now()) * 10_000n}`,
      };
      there.push(record);
      records.push(record);
      remembered.set(`${stream} ${event.id}`, record);
      end += BigInt(150 + event.data.length + event.metadata.length);
    }
    for (const listener of listeners) listener();
    const last = there.at(-1);
    return { kind: 'written', revision: there.length - 1, position: last?.position ?? end };
  };

  const writtenBefore = (
    stream: string,
    events: readonly ProposedEvent[],
    expected: Expected,
  ): StoredEvent | null => {
    const found = events.map(({ id }) => remembered.get(`${stream} ${id}`));
    const first = found[0];
    if (!first || found.some((record, index) => record?.revision !== first.revision + index)) return null;
    if (typeof expected === 'bigint' && BigInt(first.revision) !== expected + 1n) return null;
    if (expected === 'no_stream' && first.revision !== 0) return null;
    return found.at(-1) ?? null;
  };

  return {
    records,
    stream: (name) => streams.get(name) ?? [],
    append: (stream, events, expected) => {
      const current = (streams.get(stream)?.length ?? 0) - 1;
      const before = writtenBefore(stream, events, expected);
      if (before) return { kind: 'written', revision: before.revision, position: before.position };
      if (!isAsExpected(expected, current)) return { kind: 'wrong_expected_version', current };
      return write(stream, events);
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
