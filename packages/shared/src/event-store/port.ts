import type { Category, EventToAppend, Position, RecordedEvent, RunId, StreamName } from '../events/index.ts';

/**
 * What the appender believes of the stream. A number is the revision of its last event. All of them are real checks: two
 * creators race, exactly one wins.
 */
export type ExpectedRevision = number | 'no_stream' | 'stream_exists' | 'any';

export interface AppendResult {
  /** Of the last event of the append. */
  readonly revision: number;
  readonly position: Position;
  /** True when these very events were there already and nothing was written. */
  readonly alreadyRecorded: boolean;
}

export interface ReadStreamOptions {
  /** First revision to read, inclusive; backwards the last one. Default: the stream's start, or its end. */
  readonly from?: number;
  readonly direction?: 'forwards' | 'backwards';
  readonly limit?: number;
  /** Not upcast: what the hash chain was made of. */
  readonly asRecorded?: boolean;
}

/** All that is given has to hold; nothing given means every event. */
export interface EventFilter {
  readonly categories?: readonly Category[];
  readonly types?: readonly string[];
  readonly runId?: RunId;
}

export interface ReadAllOptions {
  /** Exclusive. Default: from the beginning, or backwards from the end. */
  readonly after?: Position;
  readonly direction?: 'forwards' | 'backwards';
  readonly filter?: EventFilter;
  readonly limit?: number;
  /** Not upcast: what the hash chain was made of. */
  readonly asRecorded?: boolean;
}

export interface SubscribeOptions {
  /** Exclusive: what was recorded after it is delivered, first what there is, then what comes. */
  readonly after: Position;
  readonly filter?: EventFilter;
  /** The most events handed over at once. Default 256. */
  readonly batchSize?: number;
  readonly signal: AbortSignal;
}

/**
 * A page never empty, in order. `position` is how far the store has been read: past the last event when what followed was
 * filtered out, so that a checkpoint moves on over what does not concern it.
 */
export interface EventPage {
  readonly events: readonly RecordedEvent[];
  readonly position: Position;
}

/** What is wrong with how a store keeps its events: something of its files, or a row that is no event. */
export interface StorageFinding {
  /** Of the event it is about, as far as that is known. */
  readonly position: Position | null;
  readonly stream: StreamName | null;
  readonly revision: number | null;
  readonly eventId: string | null;
  /** One sentence for a person. */
  readonly detail: string;
}

/** Events that follow on those before, as recorded, and what was found on the way to them. */
export interface ExaminedPage {
  readonly events: readonly RecordedEvent[];
  readonly findings: readonly StorageFinding[];
}

/** The log. Events come back upcast to their current version. */
export interface EventStore {
  /**
   * All or nothing, durable when the promise resolves. Redacts, validates against the event registry and chains hashes.
   * The same event ids again, in the same order in the same stream, are acknowledged with their first result.
   * @throws {ConcurrencyError} `STREAM_REVISION_CONFLICT` when the stream is not as expected
   * @throws {InvalidEventError} `INVALID_EVENT` when an event does not keep its contract
   */
  append(
    stream: StreamName,
    events: readonly EventToAppend[],
    expected: ExpectedRevision,
  ): Promise<AppendResult>;
  /**
   * Appends events as another store recorded them: the same ids, times, versions and hashes. They are not held to today's contracts
   * and not redacted; instead, each hash has to fit, and the first has to follow on what the stream has. What is there already is
   * left as it is, so a restore that broke off is made again.
   * @throws {ConcurrencyError} `STREAM_REVISION_CONFLICT` when the stream has another past, or not yet the event before
   * @throws {InvalidEventError} `INVALID_EVENT` when a hash does not fit or a revision is left out
   */
  restore(stream: StreamName, events: readonly RecordedEvent[]): Promise<AppendResult>;
  /** Pages of one stream; nothing for a stream that does not exist. */
  readStream(stream: StreamName, options?: ReadStreamOptions): AsyncIterable<readonly RecordedEvent[]>;
  /** Pages of all streams in the store's order. */
  readAll(options?: ReadAllOptions): AsyncIterable<EventPage>;
  /** Catches up, then goes on live until the signal aborts. Pulls: a slow reader is never overrun. */
  subscribe(options: SubscribeOptions): AsyncIterable<EventPage>;
  /**
   * Everything there is, as recorded and in order, with what is wrong with the store's own files. Damage ends nothing: what can be
   * read behind it comes too. Hash chains are not looked at.
   */
  examine(): AsyncIterable<ExaminedPage>;
  /** Of the last event; `beginning` when there is none. */
  head(): Promise<Position>;
  close(): Promise<void>;
}
