import { setImmediate as nextTurn } from 'node:timers/promises';
import { ConcurrencyError, type EventStore, isRevisionConflict } from '../event-store/index.ts';
import type { DomainEvent, Position, StreamName } from '../events/index.ts';
import { type Decision, decideOnBatch } from './batch-decision.ts';
import type { CommandEnvelope } from './command-envelope.ts';
import type { Decider } from './decider.ts';
import { type FoldedStream, foldStream } from './stream-state.ts';

export interface CommandResult<Event extends DomainEvent> {
  /** What the log has of this command. */
  readonly events: readonly Event[];
  /** Of the stream after the command, whether it appended or not. */
  readonly revision: number;
  readonly position: Position;
}

export interface CommandHandler<State, Command, Event extends DomainEvent> {
  handle(stream: StreamName, envelope: CommandEnvelope<Command>): Promise<CommandResult<Event>>;
  /**
   * The folded state, read from the log when it is not in memory; never one that is not durable yet. Not to be changed, and good
   * until the next `await`: the next decision goes on with the same object.
   */
  read(stream: StreamName): Promise<FoldedStream<State>>;
  /** Lets the memory of a stream go; the log still has it. */
  forget(stream: StreamName): void;
}

export interface CommandHandlerOptions<State> {
  /** Sees a stream's state each time it has changed and is durable, before whoever gave the command does. Must not throw. */
  readonly onChanged?: (stream: StreamName, state: State) => void;
}

interface Waiting<Command, Event extends DomainEvent> {
  readonly envelope: CommandEnvelope<Command>;
  readonly resolve: (result: CommandResult<Event>) => void;
  readonly reject: (error: unknown) => void;
}

interface Reader<State> {
  readonly resolve: (folded: FoldedStream<State>) => void;
  readonly reject: (error: unknown) => void;
}

/** What goes on with one stream. Only `drain` touches `folded`, so that reads and decisions never see each other half done. */
interface Mailbox<State, Command, Event extends DomainEvent> {
  /** null when it is not known, and while a decision on it is not durable. */
  folded: FoldedStream<State> | null;
  readers: Reader<State>[];
  waiting: Waiting<Command, Event>[];
  draining: boolean;
  /** Forget it as soon as nothing waits. */
  leaving: boolean;
}

/** What became of a batch. */
interface Settlement<Event extends DomainEvent> {
  readonly decisions: readonly Decision<Event>[];
  readonly revision: number;
  readonly position: Position;
}

const conflictRetries = 7;

/**
 * Handles commands on the streams of one decider, one batch after the other per stream. All commands that wait are decided on
 * one after the other and appended together: a hundred agents that finish in one turn cost one commit, not a hundred.
 */
export const commandHandler = <State, Command, Event extends DomainEvent>(
  store: EventStore,
  decider: Decider<State, Command, Event>,
  { onChanged }: CommandHandlerOptions<State> = {},
): CommandHandler<State, Command, Event> => {
  type OwnMailbox = Mailbox<State, Command, Event>;
  type Batch = readonly Waiting<Command, Event>[];
  const mailboxes = new Map<StreamName, OwnMailbox>();

  const mailboxOf = (stream: StreamName): OwnMailbox => {
    const known = mailboxes.get(stream);
    if (known) return known;
    const created: OwnMailbox = { folded: null, readers: [], waiting: [], draining: false, leaving: false };
    mailboxes.set(stream, created);
    return created;
  };

  const fold = (stream: StreamName) => foldStream(store, stream, decider.initial(), decider.evolve);

  /**
   * Somebody else may have appended since: another process that owns the same streams during a rolling restart.
   * @throws {ConcurrencyError}
   */
  const refuseOutdated = async (stream: StreamName, revision: number): Promise<void> => {
    const pages = await Array.fromAsync(store.readStream(stream, { from: revision + 1, limit: 1 }));
    const [event] = pages.flat();
    if (event) throw new ConcurrencyError(stream, revision, event.revision);
  };

  /**
   * The very same commands were decided on before, by a process that ended before it knew, or by another: what was decided then
   * is in the log and is the answer.
   */
  const asRecorded = async (
    stream: StreamName,
    decisions: readonly Decision<Event>[],
    last: number,
  ): Promise<readonly Decision<Event>[]> => {
    const count = decisions.reduce((sum, { events }) => sum + events.length, 0);
    const pages = await Array.fromAsync(store.readStream(stream, { from: last - count + 1, limit: count }));
    // The category of the stream fixes its event types.
    const recorded = pages.flat().map(({ type, data }) => ({ type, data }) as DomainEvent as Event);
    return decisions.map((decision) =>
      decision.refusal ? decision : { events: recorded.splice(0, decision.events.length), refusal: null },
    );
  };

  /** Decides on the batch and appends what follows. The state is dropped first: only a durable append puts it back. */
  const attempt = async (
    stream: StreamName,
    mailbox: OwnMailbox,
    batch: Batch,
  ): Promise<Settlement<Event>> => {
    const remembered = mailbox.folded;
    const folded = remembered ?? (await fold(stream));
    mailbox.folded = null;
    const { revision, position } = folded;
    const envelopes = batch.map(({ envelope }) => envelope);
    const { decisions, events, state } = decideOnBatch(decider, stream, folded, envelopes);
    if (events.length === 0) {
      // No append asks whether the memory is right, and a refusal from an old one would be wrong for ever.
      if (remembered) await refuseOutdated(stream, revision);
      mailbox.folded = { state, revision, position };
      return { decisions, revision, position };
    }
    const result = await store.append(stream, events, revision === -1 ? 'no_stream' : revision);
    if (result.alreadyRecorded) {
      const recorded = await asRecorded(stream, decisions, result.revision);
      mailbox.folded = await fold(stream);
      onChanged?.(stream, mailbox.folded.state);
      return { ...result, decisions: recorded };
    }
    mailbox.folded = { state, revision: result.revision, position: result.position };
    onChanged?.(stream, state);
    return { ...result, decisions };
  };

  /** Tries again while others append in between. */
  const settle = async (
    stream: StreamName,
    mailbox: OwnMailbox,
    batch: Batch,
  ): Promise<Settlement<Event>> => {
    for (let retries = conflictRetries; retries > 0; retries -= 1) {
      const settlement = await attempt(stream, mailbox, batch).catch(conflictOnly);
      if (settlement) return settlement;
    }
    return attempt(stream, mailbox, batch);
  };

  const report = (batch: Batch, { decisions, revision, position }: Settlement<Event>): void => {
    for (const [index, { resolve, reject }] of batch.entries()) {
      const decision = decisions[index];
      if (decision?.refusal === null) resolve({ events: decision.events, revision, position });
      else reject(decision?.refusal);
    }
  };

  const process = async (stream: StreamName, mailbox: OwnMailbox, batch: Batch): Promise<void> => {
    try {
      report(batch, await settle(stream, mailbox, batch));
    } catch (error) {
      const [first] = batch;
      if (batch.length === 1) first?.reject(error);
      // One of them is at fault: a defect, an event against its contract, an id that is in the log already. Not all of them.
      else for (const waiting of batch) await process(stream, mailbox, [waiting]);
    }
  };

  const answer = async (
    stream: StreamName,
    mailbox: OwnMailbox,
    readers: readonly Reader<State>[],
  ): Promise<void> => {
    try {
      mailbox.folded ??= await fold(stream);
      for (const { resolve } of readers) resolve({ ...mailbox.folded });
    } catch (error) {
      for (const { reject } of readers) reject(error);
    }
    // They look at it now; the next decision may change it.
    await nextTurn();
  };

  const drain = async (stream: StreamName, mailbox: OwnMailbox): Promise<void> => {
    while (mailbox.waiting.length > 0 || mailbox.readers.length > 0) {
      const { waiting, readers } = mailbox;
      mailbox.waiting = [];
      mailbox.readers = [];
      if (waiting.length > 0) await process(stream, mailbox, waiting);
      if (readers.length > 0) await answer(stream, mailbox, readers);
    }
    mailbox.draining = false;
    // A stream that does not exist is not worth remembering: anybody can ask for one.
    if (mailbox.leaving || mailbox.folded === null || mailbox.folded.revision === -1)
      mailboxes.delete(stream);
  };

  /** In the next microtask: whoever else has something for this stream in the same turn comes along. */
  const drainSoon = (stream: StreamName, mailbox: OwnMailbox): void => {
    if (mailbox.draining) return;
    mailbox.draining = true;
    queueMicrotask(() => void drain(stream, mailbox));
  };

  return {
    handle: (stream, envelope) =>
      new Promise((resolve, reject) => {
        const mailbox = mailboxOf(stream);
        mailbox.waiting.push({ envelope, resolve, reject });
        drainSoon(stream, mailbox);
      }),
    read: (stream) =>
      new Promise((resolve, reject) => {
        const mailbox = mailboxOf(stream);
        mailbox.readers.push({ resolve, reject });
        drainSoon(stream, mailbox);
      }),
    forget: (stream) => {
      const mailbox = mailboxes.get(stream);
      if (mailbox?.draining) mailbox.leaving = true;
      else mailboxes.delete(stream);
    },
  };
};

const conflictOnly = (error: unknown): null => {
  if (!isRevisionConflict(error)) throw error;
  return null;
};
