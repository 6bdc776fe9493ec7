import type { DomainEvent, EventToAppend, StreamName } from '../events/index.ts';
import { versionOf } from '../events/index.ts';
import { PartituraError } from '../runtime/errors.ts';
import type { CommandEnvelope } from './command-envelope.ts';
import { type Decider, decideFully } from './decider.ts';

/** What was decided on one command: what follows, or why it must not happen. */
export type Decision<Event extends DomainEvent> =
  | { readonly events: readonly Event[]; readonly refusal: null }
  | { readonly events: readonly []; readonly refusal: PartituraError };

export interface BatchDecision<State, Event extends DomainEvent> {
  /** One for each command, in their order. */
  readonly decisions: readonly Decision<Event>[];
  /** Everything that follows, to be appended at once. */
  readonly events: readonly EventToAppend[];
  readonly state: State;
}

/**
 * Decides on commands one after the other, each on the state that those before it led to. A refused command leaves the state as it
 * was. Consumes the state, also when it throws.
 * @throws whatever is not a refusal: a defect, after which the state is good for nothing
 */
export const decideOnBatch = <State, Command, Event extends DomainEvent>(
  decider: Decider<State, Command, Event>,
  stream: StreamName,
  before: { readonly state: State; readonly revision: number },
  envelopes: readonly CommandEnvelope<Command>[],
): BatchDecision<State, Event> => {
  const events: EventToAppend[] = [];
  let { state } = before;
  const decisions = envelopes.map((envelope): Decision<Event> => {
    try {
      refuseStale(envelope, before.revision + events.length, stream);
      const decision = decideFully(decider, envelope.command, state, envelope.metadata);
      state = decision.state;
      events.push(...prepare(envelope, decision.events));
      return { events: decision.events, refusal: null };
    } catch (error) {
      // A refusal comes before anything was folded.
      if (!(error instanceof PartituraError)) throw error;
      return { events: [], refusal: error };
    }
  });
  return { decisions, events, state };
};

const refuseStale = <Command>(
  { expectedRevision }: CommandEnvelope<Command>,
  revision: number,
  stream: StreamName,
): void => {
  if (expectedRevision === undefined || expectedRevision === revision) return;
  throw new PartituraError(
    'STALE_REVISION',
    `${stream} is at revision ${revision}, not at ${expectedRevision}.`,
    {
      advice: 'Read it again and decide on what it says now.',
    },
  );
};

const prepare = <Command, Event extends DomainEvent>(
  { commandId, at, metadata }: CommandEnvelope<Command>,
  events: readonly Event[],
): EventToAppend[] => {
  const time = new Date(at).toISOString();
  return events.map(({ type, data }, index) => ({
    id: `${commandId}/${index}`,
    type,
    version: versionOf(type),
    data,
    time,
    metadata,
  }));
};
