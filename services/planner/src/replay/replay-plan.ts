import {
  asRunId,
  type PlanEvent,
  type Position,
  type RecordedEvent,
  streamName,
} from '@partitura/shared/events';
import {
  agreedUpTo,
  asOfSomeMoment,
  createAccount,
  decidesFrom,
  ownOf,
  type RecordedRunEvent,
  type ReplayInput,
  type ReplayPart,
  readUpTo,
  timeline,
} from '@partitura/shared/replaying';
import { evolvePlan, initialPlanState } from '../phase/state.ts';
import { evolveRunFacts, initialRunFacts } from '../run/run-facts.ts';
import type { PlanReplayDependencies } from './dependencies.ts';
import { planMachine } from './plan-machine.ts';

type RecordedPlanEvent = RecordedEvent & PlanEvent;

/**
 * Plays a run's planning again: each question, each judgement of an answer and each end of a phase is made again by the planner's own
 * code on the recorded answers and documents, and held against what was recorded.
 */
export const replayPlan = async (
  dependencies: PlanReplayDependencies,
  runId: string,
  runEvents: readonly RecordedRunEvent[],
  until: Position,
): Promise<ReplayPart> => {
  const account = createAccount();
  const name = streamName('plan', runId);
  // The category of the stream fixes its event types.
  const all = (await readUpTo(dependencies.store, name, until)) as readonly RecordedPlanEvent[];
  const { own: events, past } = ownOf(all);
  if (events.length === 0) return account.part(runId);
  const stream = account.open(name, 'plan');
  const seen = timeline(runEvents, initialRunFacts(), evolveRunFacts);
  const machine = planMachine(dependencies, asRunId(runId));
  const began = decidesFrom(runEvents);
  let state = past.reduce(evolvePlan, initialPlanState());
  for (let at = 0; at < events.length; ) {
    const [before, recorded] = [events[at - 1], events.slice(at)];
    const [now] = recorded;
    if (!now) break;
    const replayed = await asOfSomeMoment(
      seen,
      { from: before?.position ?? began, to: now.position },
      () => machine(state, now, seen.view()),
      (decided) => decided.length > 0 && stream.fits(recorded.slice(0, decided.length), decided),
    );
    const count = agreedUpTo(recorded, replayed, stream.fits);
    stream.enter(recorded.slice(0, count), replayed.slice(0, count), () => inputOf(before, now));
    for (const event of recorded.slice(0, count)) state = evolvePlan(state, event);
    at += count;
  }
  return account.part(runId);
};

/** The planner goes on from what its own stream says. */
const inputOf = (before: RecordedEvent | undefined, now: RecordedEvent): ReplayInput => {
  const { stream, revision, position, type, data } = before ?? now;
  return {
    kind: type.startsWith('model.') ? 'effect' : 'state',
    stream,
    revision,
    position,
    type,
    data,
  };
};
