import type { DomainEvent } from '../events/index.ts';

/** The pure core of a stream's owner. Total and deterministic: time, ids, chance and prices come in with the command. */
export interface Decider<State, Command, Event extends DomainEvent> {
  readonly initial: () => State;
  /**
   * What follows from the command; nothing when it has happened already.
   * @throws {PartituraError} when it must not happen
   */
  readonly decide: (command: Command, state: State) => readonly Event[];
  /** May change the state it is given: nobody else holds it, and copying a map per event is quadratic. */
  readonly evolve: (state: State, event: Event) => State;
}
