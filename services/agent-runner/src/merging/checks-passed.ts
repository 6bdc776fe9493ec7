import type { EventStore } from '@partitura/shared/event-store';
import { type AgentEvent, type CheckResult, recordedIn, streamName } from '@partitura/shared/events';
import { readWithPast } from '@partitura/shared/forking';

interface Verified {
  readonly commit: string | null;
  /** Those of the last verification that passed since the commit. */
  readonly checks: readonly CheckResult[];
}

const evolve = (state: Verified, event: AgentEvent): Verified => {
  switch (event.type) {
    case 'agent.checkpoint_committed':
      return { commit: event.data.commit, checks: [] };
    case 'agent.verified':
      return { ...state, checks: event.data.passed ? event.data.checks : [] };
    default:
      return state;
  }
};

/** What an attempt's own checks said of the commit; null unless there were some and all of them passed on it. */
export const checksPassedOn = async (
  store: EventStore,
  attemptId: string,
  commit: string,
): Promise<readonly CheckResult[] | null> => {
  let state: Verified = { commit: null, checks: [] };
  for await (const events of readWithPast(store, streamName('agent', attemptId)))
    for (const event of recordedIn('agent', events)) state = evolve(state, event);
  const { checks } = state;
  const passed = checks.length > 0 && checks.every(({ outcome }) => outcome === 'passed');
  return passed && state.commit === commit ? checks : null;
};
