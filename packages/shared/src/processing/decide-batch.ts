import type { DomainEvent, EventMetadata, EventToAppend, StreamName } from '../events/index.ts';
import { versionOf } from '../events/index.ts';
import { PartituraError } from '../runtime/errors.ts';
import { type Decider, decideFully } from './decider.ts';

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

/** What became of one command of a batch: its events, or why it was refused. */
export type Outcome<Event> =
  | { readonly kind: 'decided'; readonly events: readonly Event[] }
  | { readonly kind: 'refused'; readonly error: PartituraError };

export interface BatchDecision<State, Event> {
  readonly state: State;
  readonly outcomes: readonly Outcome<Event>[];
  readonly toAppend: readonly EventToAppend[];
}

/**
 * Decides on one command after the other, each on the state that the one before it led to. Consumes the state. A refused
 * command leaves no trace; any other error is a defect that leaves the state half changed, and is thrown.
 */
export const decideBatch = <State, Command, Event extends DomainEvent>(
  decider: Decider<State, Command, Event>,
  stream: StreamName,
  before: { readonly state: State; readonly revision: number },
  batch: readonly CommandEnvelope<Command>[],
): BatchDecision<State, Event> => {
  let { state } = before;
  const toAppend: EventToAppend[] = [];
  const outcomes = batch.map((envelope): Outcome<Event> => {
    try {
      refuseStale(envelope.expectedRevision, before.revision + toAppend.length, stream);
      const decision = decideFully(decider, envelope.command, state);
      state = decision.state;
      toAppend.push(...prepare(envelope, decision.events));
      return { kind: 'decided', events: decision.events };
    } catch (error) {
      if (!(error instanceof PartituraError)) throw error;
      return { kind: 'refused', error };
    }
  });
  return { state, outcomes, toAppend };
};

const refuseStale = (expected: number | undefined, revision: number, stream: StreamName): void => {
  if (expected === undefined || expected === revision) return;
  throw new PartituraError('STALE_REVISION', `${stream} is at revision ${revision}, not at ${expected}.`, {
    advice: 'Read it again and decide on what it says now.',
  });
};

const prepare = <Command, Event extends DomainEvent>(
  envelope: CommandEnvelope<Command>,
  events: readonly Event[],
): EventToAppend[] => {
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
