import { type EventStore, isRevisionConflict } from '../event-store/index.ts';
import type { DomainEvent, EventToAppend, Position, StreamName } from '../events/index.ts';
import { type CommandEnvelope, decideBatch, type Outcome } from './decide-batch.ts';
import type { Decider } from './decider.ts';
import { type FoldedStream, foldStream } from './stream-state.ts';

export type { CommandEnvelope } from './decide-batch.ts';

export interface CommandResult<Event extends DomainEvent> {
  readonly events: readonly Event[];
  /** Of the stream after the command, whether it appended or not. */
  readonly revision: number;
  readonly position: Position;
}

export interface CommandHandler<State, Command, Event extends DomainEvent> {
  handle(stream: StreamName, envelope: CommandEnvelope<Command>): Promise<CommandResult<Event>>;
  /** The folded state after all commands before the call, read from the log when it is not in memory. Not to be changed. */
  read(stream: StreamName): Promise<FoldedStream<State>>;
  /** Lets the memory of a stream go as soon as nothing waits for it; the log still has it. */
  forget(stream: StreamName): void;
}

export interface CommandHandlerOptions<State> {
  /** Sees a stream's state each time it has changed and is durable, before whoever gave the command does. */
  readonly onChanged?: (stream: StreamName, state: State) => void;
}

interface Waiting<State, Command, Event extends DomainEvent> {
  /** Null for a reader, who waits in the same line. */
  readonly envelope: CommandEnvelope<Command> | null;
  readonly settle: (folded: FoldedStream<State>, outcome: Outcome<Event> | null) => void;
  readonly reject: (error: unknown) => void;
}

interface Mailbox<State, Command, Event extends DomainEvent> {
  /** What the log says, when it is known: null before the first read, while an append is under way, and after one that failed. */
  folded: FoldedStream<State> | null;
  waiting: Waiting<State, Command, Event>[];
  draining: boolean;
  forgotten: boolean;
}

const conflictRetries = 8;

/**
 * Handles commands on the streams of one decider, one batch after the other per stream. All commands that wait are decided on
 * one after the other and appended together: a hundred agents that finish in one turn cost one commit, not a hundred.
 */
export const commandHandler = <State, Command, Event extends DomainEvent>(
  store: EventStore,
  decider: Decider<State, Command, Event>,
  { onChanged }: CommandHandlerOptions<State> = {},
): CommandHandler<State, Command, Event> => {
  type Line = readonly Waiting<State, Command, Event>[];
  const mailboxes = new Map<StreamName, Mailbox<State, Command, Event>>();

  const mailboxOf = (stream: StreamName): Mailbox<State, Command, Event> => {
    const known = mailboxes.get(stream);
    if (known) return known;
    const created = { folded: null, waiting: [], draining: false, forgotten: false };
    mailboxes.set(stream, created);
    return created;
  };

  const record = async (
    stream: StreamName,
    before: FoldedStream<State>,
    state: State,
    toAppend: readonly EventToAppend[],
  ): Promise<FoldedStream<State> & { readonly uncertain?: boolean }> => {
    const result = await store.append(
      stream,
      toAppend,
      before.revision === -1 ? 'no_stream' : before.revision,
    );
    onChanged?.(stream, state);
    // The very same commands were decided on by somebody else: what they decided is in the log, our fold of it may not be.
    return { state, revision: result.revision, position: result.position, uncertain: result.alreadyRecorded };
  };

  /** Decides on the line and appends what follows. The state is let go of first: only a durable append brings it back. */
  const attempt = async (
    stream: StreamName,
    mailbox: Mailbox<State, Command, Event>,
    line: Line,
  ): Promise<void> => {
    const before = mailbox.folded ?? (await foldStream(store, stream, decider.initial(), decider.evolve));
    mailbox.folded = null;
    const envelopes = line.flatMap(({ envelope }) => envelope ?? []);
    const { state, outcomes, toAppend } = decideBatch(decider, stream, before, envelopes);
    const after =
      toAppend.length === 0 ? { ...before, state } : await record(stream, before, state, toAppend);
    mailbox.folded = after.uncertain ? null : after;
    settleAll(line, after, outcomes);
  };

  const process = (stream: StreamName, mailbox: Mailbox<State, Command, Event>, line: Line): Promise<void> =>
    retryingConflicts(() => attempt(stream, mailbox, line)).catch((error: unknown) => {
      for (const { reject } of line) reject(error);
    });

  const drain = async (stream: StreamName, mailbox: Mailbox<State, Command, Event>): Promise<void> => {
    while (mailbox.waiting.length > 0) {
      const line = mailbox.waiting;
      mailbox.waiting = [];
      await process(stream, mailbox, line);
    }
    mailbox.draining = false;
    if (mailbox.forgotten) mailboxes.delete(stream);
  };

  const queue = (stream: StreamName, waiting: Waiting<State, Command, Event>): void => {
    const mailbox = mailboxOf(stream);
    mailbox.forgotten = false;
    mailbox.waiting.push(waiting);
    if (mailbox.draining) return;
    mailbox.draining = true;
    // The next microtask: whoever else has a command for this stream in the same turn comes along.
    queueMicrotask(() => void drain(stream, mailbox));
  };

  return {
    handle: (stream, envelope) =>
      new Promise((resolve, reject) => {
        queue(stream, {
          envelope,
          reject,
          settle: ({ revision, position }, outcome) => {
            if (outcome?.kind === 'refused') reject(outcome.error);
            else resolve({ events: outcome?.events ?? [], revision, position });
          },
        });
      }),
    read: (stream) =>
      new Promise((resolve, reject) => {
        queue(stream, { envelope: null, settle: resolve, reject });
      }),
    forget: (stream) => {
      const mailbox = mailboxes.get(stream);
      if (mailbox?.draining) mailbox.forgotten = true;
      else mailboxes.delete(stream);
    },
  };
};

/** Another writer was faster: what it wrote is read, and decided on again. */
const retryingConflicts = async (work: () => Promise<void>): Promise<void> => {
  for (let tries = 1; tries < conflictRetries; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isRevisionConflict(error)) throw error;
    }
  }
  return work();
};

const settleAll = <State, Command, Event extends DomainEvent>(
  line: readonly Waiting<State, Command, Event>[],
  after: FoldedStream<State>,
  outcomes: readonly Outcome<Event>[],
): void => {
  const each = outcomes.values();
  for (const { envelope, settle } of line)
    settle(after, envelope === null ? null : (each.next().value ?? null));
};
