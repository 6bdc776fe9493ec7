import type { DomainEvent, EventMetadata } from '../events/index.ts';

/** The pure core of a stream's owner. Total and deterministic: time, ids, chance and prices come in with the command. */
export interface Decider<State, Command, Event extends DomainEvent> {
  readonly initial: () => State;
  /**
   * What follows from the command; nothing when it has happened already.
   * @throws {PartituraError} when it must not happen
   */
  readonly decide: (command: Command, state: State) => readonly Event[];
  /**
   * What follows from the state that the command led to, one step at a time until nothing does: a finished task frees others,
   * the last one ends a phase, the last phase ends the run. Appended with the command's own events, so that no crash can come
   * between a cause and its consequence. Refuses nothing: the command has been decided on.
   */
  readonly consequences?: (command: Command, state: State) => readonly Event[];
  /**
   * May change the state it is given: nobody else holds it, and copying a map per event is quadratic. The metadata are those that
   * the log has of the event, or will have: whose a stream is stands there.
   */
  readonly evolve: (state: State, event: Event, metadata: EventMetadata) => State;
  /**
   * A state that shares nothing with this one that `evolve` changes. Taken before a decision while others append to the same
   * stream, so that losing to them costs the reading of what they appended. Without it the whole stream is folded again.
   */
  readonly copy?: (state: State) => State;
}

/** No chain of consequences is this long; a decider that goes on for ever is a defect that must not fill the log. */
const longestChain = 100_000;

/**
 * A command with all its consequences, folded as they come with the command's metadata. Consumes the state: only the one that is
 * returned is good.
 */
export const decideFully = <State, Command, Event extends DomainEvent>(
  decider: Decider<State, Command, Event>,
  command: Command,
  before: State,
  metadata: EventMetadata,
): { readonly events: readonly Event[]; readonly state: State } => {
  const events: Event[] = [];
  let state = before;
  let step = decider.decide(command, state);
  while (step.length > 0) {
    for (const event of step) state = decider.evolve(state, event, metadata);
    events.push(...step);
    if (events.length > longestChain)
      throw new RangeError(`The decision has more than ${longestChain} consequences.`);
    step = consequencesOf(decider, command, state);
  }
  return { events, state };
};

const consequencesOf = <State, Command, Event extends DomainEvent>(
  decider: Decider<State, Command, Event>,
  command: Command,
  state: State,
): readonly Event[] => {
  try {
    return decider.consequences?.(command, state) ?? [];
  } catch (error) {
    // Not what was thrown: a refusal is taken for a state left as it was, and this one has changed.
    throw new Error('A consequence was refused after its cause had been decided on.', { cause: error });
  }
};
