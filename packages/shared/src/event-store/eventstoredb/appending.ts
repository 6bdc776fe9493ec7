import type { RecordedEvent, StreamName } from '../../events/index.ts';
import { PartituraError } from '../../runtime/errors.ts';
import { type Append, decide, refused } from '../append-decision.ts';
import type { AppendResult } from '../port.ts';
import type { AppendLine, LineOutcome } from './append-line.ts';
import type { Patience } from './patience.ts';
import type { Reader } from './reading.ts';
import { type ProposedRecord, proposedRecord, sizeOf } from './records.ts';
import { appendUnanswered, eventTooLarge } from './store-errors.ts';
import { type StreamHead, streamHeads } from './stream-heads.ts';

export interface Appending {
  append(append: Append): Promise<AppendResult>;
  /** Resolves when nothing waits any more. */
  settled(): Promise<void>;
}

export interface AppendingOptions {
  readonly where: string;
  readonly line: AppendLine;
  readonly read: Reader['stream'];
  readonly patience: Patience;
  /** Appends that may be under way at the same time. */
  readonly mostInFlight: number;
  /** Bytes of one append, as the server counts them. */
  readonly maxAppendBytes: number;
}

interface Waiting {
  readonly append: Append;
  /** Its place in the order of the calls. */
  readonly turn: number;
  readonly since: number;
  conflicts: number;
  failures: number;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Sent {
  readonly outcome: LineOutcome;
  readonly events: readonly Written[];
  readonly bytes: number;
}

type Written = Pick<RecordedEvent, 'id' | 'revision' | 'hash'>;

/** Lost races until `any` gives up; somebody writes without pause then. */
const mostConflicts = 50;

/**
 * Appends are decided and sent in the order of their calls, many under way at a time but one per stream: an event's hash covers
 * the one before it, so that one has to be known. Every append names the revision it was decided on, `any` too: only that keeps
 * the chain whole when others write as well. One that loses a race, or whose answer is lost, is decided again on what the stream
 * has become; if it was written after all, its ids are found there.
 */
export const appending = (options: AppendingOptions): Appending => {
  const { where, line, read, patience, mostInFlight, maxAppendBytes } = options;
  let turns = 0;
  const heads = streamHeads(read, () => turns);
  const queue: Waiting[] = [];
  const inFlight = new Set<Promise<void>>();
  let working: Promise<void> | null = null;

  const putBack = (waiting: Waiting): void => {
    const later = queue.findIndex(({ turn }) => turn > waiting.turn);
    queue.splice(later < 0 ? queue.length : later, 0, waiting);
  };

  /** The stream as it is to be decided on; null when an append came back meanwhile whose turn is before this one's. */
  const headFor = async ({ append, turn }: Waiting): Promise<StreamHead | null> => {
    const head = heads.of(append.stream);
    await head.sending;
    if (needsReading(head, append)) await heads.refresh(append.stream, head);
    if ((queue[0]?.turn ?? turn) < turn) return null;
    // What is remembered is enough to try; a refusal has to rest on what the server has now.
    const isSettledHere = decide(append, head).kind !== 'write';
    if (isSettledHere && head.confirmed < turn) await heads.refresh(append.stream, head);
    return head;
  };

  const advance = async (waiting: Waiting): Promise<void> => {
    const { append } = waiting;
    const head = await headFor(waiting);
    if (!head) {
      putBack(waiting);
      return;
    }
    const decision = decide(append, head);
    switch (decision.kind) {
      case 'known':
        waiting.resolve(await firstResult(append.stream, decision.revision));
        return;
      case 'refuse':
        waiting.reject(refused(append, head, decision.detail));
        return;
      case 'write':
        send(waiting, head);
        if (inFlight.size >= mostInFlight) await Promise.race(inFlight);
    }
  };

  const firstResult = async (stream: StreamName, revision: number): Promise<AppendResult> => {
    for await (const [event] of read(stream, { from: revision, limit: 1, asRecorded: true }))
      if (event) return { revision, position: event.position, alreadyRecorded: true };
    throw new RangeError(`Revision ${revision} of ${stream} was there and is gone.`);
  };

  const send = (waiting: Waiting, head: StreamHead): void => {
    const { stream } = waiting.append;
    const { records, events } = chained(waiting.append, head);
    const bytes = records.reduce((sum, record) => sum + sizeOf(record), 0);
    if (bytes > maxAppendBytes) {
      waiting.reject(eventTooLarge(stream, bytes, maxAppendBytes));
      return;
    }
    const sent = line
      .send({ stream, records, after: head.revision })
      .then((outcome) => settle(waiting, head, { outcome, events, bytes }))
      .finally(() => {
        head.sending = null;
        inFlight.delete(sent);
      });
    head.sending = sent;
    inFlight.add(sent);
  };

  const settle = async (
    waiting: Waiting,
    head: StreamHead,
    { outcome, events, bytes }: Sent,
  ): Promise<void> => {
    const { append } = waiting;
    switch (outcome.kind) {
      case 'written':
        for (const event of events) heads.advance(head, event);
        waiting.resolve({ revision: head.revision, position: outcome.position, alreadyRecorded: false });
        return;
      case 'wrong_revision':
        head.stale = true;
        waiting.conflicts += 1;
        if (waiting.conflicts <= mostConflicts) again(waiting);
        else waiting.reject(refused(append, head, 'others append to it without pause'));
        return;
      case 'unanswered':
        head.stale = true;
        if (patience.isOverFor(waiting.since))
          waiting.reject(appendUnanswered(where, append.stream, outcome.error));
        else await afterPause(waiting);
        return;
      case 'too_large':
        waiting.reject(eventTooLarge(append.stream, bytes, outcome.most));
        return;
      case 'refused':
        waiting.reject(outcome.error);
    }
  };

  const again = (waiting: Waiting): void => {
    putBack(waiting);
    work();
  };

  const afterPause = async (waiting: Waiting): Promise<void> => {
    waiting.failures += 1;
    await patience.afterFailure(waiting.failures);
    again(waiting);
  };

  const work = (): void => {
    working ??= drain();
  };

  const drain = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      try {
        await advance(next);
      } catch (error) {
        // Once sent, it may stand there, whatever keeps us from looking.
        const isUnsure = next.failures > 0 && error instanceof PartituraError;
        next.reject(isUnsure ? appendUnanswered(where, next.append.stream, error) : error);
      }
    }
    // In the same turn in which the queue was found empty: what comes after it starts anew.
    working = null;
  };

  return {
    append: (append) =>
      new Promise((resolve, reject) => {
        turns += 1;
        const since = patience.now();
        queue.push({ append, turn: turns, since, conflicts: 0, failures: 0, resolve, reject });
        work();
      }),
    settled: async () => {
      while (working || inFlight.size > 0) await Promise.allSettled([working, ...inFlight]);
    },
  };
};

/** A creator need not look first: if there is a stream, the server says so. */
const needsReading = (head: StreamHead, { expected }: Append): boolean =>
  head.stale || (head.confirmed < 0 && head.revision < 0 && expected !== 'no_stream');

const chained = ({ events }: Append, head: StreamHead) => {
  const records: ProposedRecord[] = [];
  const written: Written[] = [];
  let { revision, hash } = head;
  for (const event of events) {
    revision += 1;
    const proposed = proposedRecord(event, revision, hash);
    hash = proposed.hash;
    records.push(proposed.record);
    written.push({ id: event.id, revision, hash });
  }
  return { records, events: written };
};
