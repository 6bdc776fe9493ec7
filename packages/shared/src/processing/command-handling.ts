import { setImmediate as nextTurn } from 'node:timers/promises';
import { type EventStore, isRevisionConflict } from '../event-store/index.ts';
import type { DomainEvent, StreamName } from '../events/index.ts';
import { PartituraError } from '../runtime/errors.ts';
import { answerBatch, answerRefused } from './batch-answers.ts';
import { batchSettling } from './batch-settling.ts';
import type { CommandEnvelope } from './command-envelope.ts';
import type { Decider } from './decider.ts';
import {
  type Batch,
  type CommandResult,
  createMailboxes,
  type Mailbox,
  type ReadBound,
  type WaitingReader,
} from './mailboxes.ts';
import type { FoldedStream } from './stream-state.ts';
import { isTransient } from './transient-errors.ts';

export type { CommandResult, ReadBound } from './mailboxes.ts';

export interface CommandHandler<State, Command, Event extends DomainEvent> {
  handle(stream: StreamName, envelope: CommandEnvelope<Command>): Promise<CommandResult<Event>>;
  /**
   * The folded state, read from the log when it is not in memory or older than asked for; never one that is not durable yet. Not to
   * be changed, and good until the next `await`: the next decision goes on with the same object.
   */
  read(stream: StreamName, bound?: ReadBound): Promise<FoldedStream<State>>;
  /** Whether the stream is in memory, or about to be. */
  knows(stream: StreamName): boolean;
  /** What is in memory now, under the same rules as `read`; null for nothing, also while a decision is not durable yet. */
  peek(stream: StreamName): FoldedStream<State> | null;
  /** Lets the memory of a stream go; the log still has it. */
  forget(stream: StreamName): void;
}

export interface CommandHandlerOptions<State> {
  /** Sees a stream's state each time it has changed and is durable, before whoever gave the command does. Must not throw. */
  readonly onChanged?: (stream: StreamName, state: State) => void;
}

/**
 * Handles commands on the streams of one decider, one batch after the other per stream. All commands that wait are decided on
 * one after the other and appended together: a hundred agents that finish in one turn cost one commit, not a hundred.
 *
 * Other processes may append to the same streams. What was decided on an outdated state is decided again, for as long as it takes:
 * each time somebody else came further. What nothing is appended for is answered only when the log has nothing new.
 */
export const commandHandler = <State, Command, Event extends DomainEvent>(
  store: EventStore,
  decider: Decider<State, Command, Event>,
  { onChanged }: CommandHandlerOptions<State> = {},
): CommandHandler<State, Command, Event> => {
  type OwnMailbox = Mailbox<State, Command, Event>;
  const mailboxes = createMailboxes<State, Command, Event>();
  const { fold, readOn, settle } = batchSettling(store, decider, (stream, state) =>
    onChanged?.(stream, state),
  );

  /** One of them is at fault: a defect, an event against its contract, one that was recorded in part. Not all of them. */
  const takeApart = async (
    stream: StreamName,
    mailbox: OwnMailbox,
    batch: Batch<Command, Event>,
    error: unknown,
  ): Promise<void> => {
    const [first, ...others] = batch;
    if (!first) return;
    if (others.length > 0) for (const waiting of batch) await process(stream, mailbox, [waiting]);
    else if (isRevisionConflict(error) && mailbox.folded)
      await answerRefused(store, stream, first, error, mailbox.folded);
    else first.reject(error);
  };

  const process = async (
    stream: StreamName,
    mailbox: OwnMailbox,
    batch: Batch<Command, Event>,
  ): Promise<void> => {
    try {
      await answerBatch(store, stream, batch, await settle(stream, mailbox, batch));
    } catch (error) {
      // Tried one by one they would wait for a store that is away as often as there are commands.
      if (isTransient(error)) for (const { reject } of batch) reject(error);
      else await takeApart(stream, mailbox, batch, error);
    }
  };

  const foldedFor = async (
    stream: StreamName,
    mailbox: OwnMailbox,
    readers: readonly WaitingReader<State>[],
  ): Promise<FoldedStream<State>> => {
    const remembered = mailbox.folded;
    if (!remembered) return fold(stream);
    const isOld = readers.some(({ bound }) => bound.fresh || remembered.revision < (bound.atLeast ?? -1));
    // Reading on changes it: half read, it is good for nothing.
    if (isOld) mailbox.folded = null;
    return isOld ? readOn(stream, remembered) : remembered;
  };

  const answer = async (
    stream: StreamName,
    mailbox: OwnMailbox,
    readers: readonly WaitingReader<State>[],
  ): Promise<void> => {
    try {
      const folded = await foldedFor(stream, mailbox, readers);
      mailbox.folded = folded;
      for (const { bound, resolve, reject } of readers) {
        if (folded.revision < (bound.atLeast ?? -1)) reject(behind(stream, folded.revision, bound.atLeast));
        else resolve({ ...folded });
      }
    } catch (error) {
      for (const { reject } of readers) reject(error);
    }
    // They look at it now; the next decision may change it.
    await nextTurn();
  };

  const serve = async (stream: StreamName, mailbox: OwnMailbox): Promise<void> => {
    const { waiting, readers } = mailbox;
    mailbox.waiting = [];
    mailbox.readers = [];
    if (waiting.length > 0) await process(stream, mailbox, waiting);
    if (readers.length > 0) await answer(stream, mailbox, readers);
  };

  const drain = async (stream: StreamName, mailbox: OwnMailbox): Promise<void> => {
    while (mailbox.waiting.length > 0 || mailbox.readers.length > 0) {
      if (mailbox.waiting.length > 0) await mailbox.courtesy.pause();
      await serve(stream, mailbox);
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
        const mailbox = mailboxes.of(stream);
        mailbox.waiting.push({ envelope, resolve, reject });
        drainSoon(stream, mailbox);
      }),
    read: (stream, bound = {}) =>
      new Promise((resolve, reject) => {
        const mailbox = mailboxes.of(stream);
        mailbox.readers.push({ bound, resolve, reject });
        drainSoon(stream, mailbox);
      }),
    knows: (stream) => mailboxes.find(stream) !== undefined,
    peek: (stream) => mailboxes.find(stream)?.folded ?? null,
    forget: (stream) => {
      const mailbox = mailboxes.find(stream);
      if (mailbox?.draining) mailbox.leaving = true;
      else mailboxes.delete(stream);
    },
  };
};

/** Transient: the event that was told of is durable, and this read was answered by somebody who has not got it yet. */
const behind = (stream: StreamName, revision: number, atLeast = -1): PartituraError =>
  new PartituraError(
    'STORE_BEHIND',
    `${stream} was read up to revision ${revision}, and an event of revision ${atLeast} was heard of.`,
    { advice: 'Read from the leader of the cluster, or wait until this member has caught up.' },
  );
