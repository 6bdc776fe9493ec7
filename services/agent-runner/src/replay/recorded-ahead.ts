import type { AgentEvent, RecordedEvent } from '@partitura/shared/events';
import type { Replayed } from '@partitura/shared/replaying';
import type { runMaterial } from '../attempts/employment.ts';
import type { RunView } from '../runs/run-view.ts';

type Recorded = RecordedEvent & AgentEvent;

/** What an agent's stream says from where it is played again; the first is what was recorded next. */
export type Ahead = readonly [Recorded, ...Recorded[]];

/** What an agent can see of its run as it decides. */
export interface Seen {
  readonly view: RunView;
  /** The run as its runner took the attempt up with it. */
  readonly employed: ReturnType<typeof runMaterial>;
  /** When the event before was recorded, in milliseconds since the epoch. */
  readonly since: number;
  readonly inherited: boolean;
}

/** What follows from what the agent knows, and from nothing else. */
export const decided = (events: readonly AgentEvent[]): readonly Replayed[] =>
  events.map((event) => ({ event, origin: 'decision' as const }));

/** What came of an effect, and what follows from that. */
export const outcome = ([first, ...others]: readonly AgentEvent[]): readonly Replayed[] =>
  first ? [{ event: first, origin: 'outcome' as const }, ...decided(others)] : [];

/** What a live agent would do, and a replay never does. */
export const refuse = (): never => {
  throw new Error('A replay asks nobody.');
};
