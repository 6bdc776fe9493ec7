import type { DomainEvent, Position, StreamName } from '../events/index.ts';
import type { CommandEnvelope } from './command-envelope.ts';
import { type Courtesy, courtesy } from './courtesy.ts';
import type { FoldedStream } from './stream-state.ts';

export interface CommandResult<Event extends DomainEvent> {
  /** What the log has of this command. */
  readonly events: readonly Event[];
  /** Of the stream after the command, whether it appended or not. */
  readonly revision: number;
  readonly position: Position;
}

/** How old a state may be. Default: as it is in memory, which another process may have outdated. */
export interface ReadBound {
  /** The revision of an event that the state has to know of. */
  readonly atLeast?: number;
  /** Everything that is in the log when the read is asked for. */
  readonly fresh?: boolean;
}

export interface WaitingCommand<Command, Event extends DomainEvent> {
  readonly envelope: CommandEnvelope<Command>;
  readonly resolve: (result: CommandResult<Event>) => void;
  readonly reject: (error: unknown) => void;
}

export type Batch<Command, Event extends DomainEvent> = readonly WaitingCommand<Command, Event>[];

export interface WaitingReader<State> {
  readonly bound: ReadBound;
  readonly resolve: (folded: FoldedStream<State>) => void;
  readonly reject: (error: unknown) => void;
}

/** What goes on with one stream. Only its drain touches `folded`, so that reads and decisions never see each other half done. */
export interface Mailbox<State, Command, Event extends DomainEvent> {
  /** null when it is not known, and while a decision on it is not durable. */
  folded: FoldedStream<State> | null;
  readers: WaitingReader<State>[];
  waiting: WaitingCommand<Command, Event>[];
  draining: boolean;
  /** Forget it as soon as nothing waits. */
  leaving: boolean;
  /** Others append to the stream as well: so many decisions more are made with a copy of the state at hand. */
  contended: number;
  readonly courtesy: Courtesy;
}

export interface Mailboxes<State, Command, Event extends DomainEvent> {
  /** The stream's, made when there is none. */
  of(stream: StreamName): Mailbox<State, Command, Event>;
  find(stream: StreamName): Mailbox<State, Command, Event> | undefined;
  delete(stream: StreamName): void;
}

export const createMailboxes = <State, Command, Event extends DomainEvent>(): Mailboxes<
  State,
  Command,
  Event
> => {
  const mailboxes = new Map<StreamName, Mailbox<State, Command, Event>>();
  return {
    of: (stream) => {
      const known = mailboxes.get(stream);
      if (known) return known;
      const created: Mailbox<State, Command, Event> = {
        folded: null,
        readers: [],
        waiting: [],
        draining: false,
        leaving: false,
        contended: 0,
        courtesy: courtesy(),
      };
      mailboxes.set(stream, created);
      return created;
    },
    find: (stream) => mailboxes.get(stream),
    delete: (stream) => mailboxes.delete(stream),
  };
};
