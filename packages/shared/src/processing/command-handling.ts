import { type EventStore, isRevisionConflict } from '../event-store/index.ts';
import type { DomainEvent, EventMetadata, EventToAppend, Position, StreamName } from '../events/index.ts';
import { versionOf } from '../events/index.ts';
import { PartituraError } from '../runtime/index.ts';
import { type Decider, decideFully } from './decider.ts';
import { type FoldedStream, foldStream } from './stream-state.ts';

/** A command with what the log has to know of it. */
export interface CommandEnvelope<Command> {
  readonly command: Command;
  /** Derived from the cause, so that the same command again yields the same event ids. */
  readonly commandId: string;
  readonly metadata: EventMetadata;
  /** Milliseconds since the epoch: the time of the events. */
  readonly at: number;
  /** Refuse when the stream is not at this revision any more (`If-Match`). */
  readonly expectedRevision?: number;
}

export interface CommandResult<Event extends DomainEvent> {
  readonly events: readonly Event[];
  /** Of the stream after the command, whether it appended or not. */
  readonly revision: number;
  readonly position: Position;
}

export interface CommandHandler<State, Command, Event extends DomainEvent> {
  handle(stream: StreamName, envelope: CommandEnvelope<Command>): Promise<CommandResult<Event>>;
  /** The folded state, read from the log when it is not in memory. Not to be changed. */
  read(stream: StreamName): Promise<FoldedStream<State>>;
  /** Lets the memory of a stream go; the log still has it. */
  forget(stream: StreamName): void;
}

interface Waiting<Command, Event extends DomainEvent> {
  readonly envelope: CommandEnvelope<Command>;
  readonly resolve: (result: CommandResult<Event>) => void;
  readonly reject: (error: unknown) => void;
}

interface Mailbox<State, Command, Event extends DomainEvent> {
  folded: { state: State; revision: number; position: Position } | null;
  waiting: Waiting<Command, Event>[];
  draining: boolean;
}

const conflictRetries = 8;

/**
 * Handles commands on the streams of one decider, one batch after the other per stream. All commands that wait are decided on
 * one after the other and appended together: a hundred agents that finish in one turn cost one commit, not a hundred.
 */
export const commandHandler = <State, Command, Event extends DomainEvent>(
  store: EventStore,
  decider: Decider<State, Command, Event>,
): CommandHandler<State, Command, Event> => {
  const mailboxes = new Map<StreamName, Mailbox<State, Command, Event>>();

  const mailboxOf = (stream: StreamName): Mailbox<State, Command, Event> => {
    const known = mailboxes.get(stream);
    if (known) return known;
    const created: Mailbox<State, Command, Event> = { folded: null, waiting: [], draining: false };
    mailboxes.set(stream, created);
    return created;
  };

  const load = async (stream: StreamName, mailbox: Mailbox<State, Command, Event>) => {
    mailbox.folded ??= { ...(await foldStream(store, stream, decider.initial(), decider.evolve)) };
    return mailbox.folded;
  };

  /** Decides on the batch and appends what follows. The state is dropped first: only a durable append puts it back. */
  const attempt = async (stream: StreamName, mailbox: Mailbox<State, Command, Event>, batch: readonly Waiting<Command, Event>[]) => {
    const folded = await load(stream, mailbox);
    mailbox.folded = null;
    const before = folded.revision;
    const toAppend: EventToAppend[] = [];
    const settled: { waiting: Waiting<Command, Event>; events: readonly Event[]; error: unknown }[] = [];
    let { state } = folded;
    for (const waiting of batch) {
      const { envelope } = waiting;
      try {
        refuseStale(envelope, before + toAppend.length, stream);
        const decision = decideFully(decider, envelope.command, state);
        state = decision.state;
        toAppend.push(...prepare(envelope, decision.events));
        settled.push({ waiting, events: decision.events, error: null });
      } catch (error) {
        // A refusal comes before anything was folded. Anything else is a defect, and the state half changed: all of it goes.
        if (!(error instanceof PartituraError)) throw error;
        settled.push({ waiting, events: [], error });
      }
    }
    let { revision, position } = folded;
    if (toAppend.length > 0) {
      const result = await store.append(stream, toAppend, before === -1 ? 'no_stream' : before);
      // The very same commands were decided on by somebody else: what they decided is in the log, our fold of it is not.
      if (result.alreadyRecorded) return { settled, folded: null, revision: result.revision, position: result.position };
      ({ revision, position } = result);
    }
    return { settled, folded: { state, revision, position }, revision, position };
  };

  const process = async (stream: StreamName, mailbox: Mailbox<State, Command, Event>, batch: readonly Waiting<Command, Event>[]) => {
    for (let tries = 1; ; tries += 1) {
      try {
        const { settled, folded, revision, position } = await attempt(stream, mailbox, batch);
        mailbox.folded = folded;
        for (const { waiting, events, error } of settled) {
          if (error === null) waiting.resolve({ events, revision, position });
          else waiting.reject(error);
        }
        return;
      } catch (error) {
        if (isRevisionConflict(error) && tries < conflictRetries) continue;
        for (const { reject } of batch) reject(error);
        return;
      }
    }
  };

  const drain = async (stream: StreamName, mailbox: Mailbox<State, Command, Event>): Promise<void> => {
    mailbox.draining = true;
    while (mailbox.waiting.length > 0) {
      const batch = mailbox.waiting;
      mailbox.waiting = [];
      await process(stream, mailbox, batch);
    }
    mailbox.draining = false;
  };

  return {
    handle: (stream, envelope) =>
      new Promise((resolve, reject) => {
        const mailbox = mailboxOf(stream);
        mailbox.waiting.push({ envelope, resolve, reject });
        if (!mailbox.draining) {
          mailbox.draining = true;
          // The next microtask: whoever else has a command for this stream in the same turn comes along.
          queueMicrotask(() => void drain(stream, mailbox));
        }
      }),
    read: async (stream) => ({ ...(await load(stream, mailboxOf(stream))) }),
    forget: (stream) => {
      const mailbox = mailboxes.get(stream);
      if (mailbox && !mailbox.draining) mailboxes.delete(stream);
    },
  };
};

const refuseStale = <Command>(envelope: CommandEnvelope<Command>, revision: number, stream: StreamName): void => {
  if (envelope.expectedRevision === undefined || envelope.expectedRevision === revision) return;
  throw new PartituraError('STALE_REVISION', `${stream} is at revision ${revision}, not at ${envelope.expectedRevision}.`, {
    advice: 'Read it again and decide on what it says now.',
  });
};

const prepare = <Command, Event extends DomainEvent>(envelope: CommandEnvelope<Command>, events: readonly Event[]): EventToAppend[] => {
  const time = new Date(envelope.at).toISOString();
  return events.map((event, index) => ({
    id: `${envelope.commandId}/${index}`,
    type: event.type,
    version: versionOf(event.type),
    data: event.data,
    time,
    metadata: envelope.metadata,
  }));
};
