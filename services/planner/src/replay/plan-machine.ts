import type { PlanEvent, RecordedEvent, RunId } from '@partitura/shared/events';
import type { Replayed } from '@partitura/shared/replaying';
import { type Action, type NextStep, nextStep } from '../phase/next-step.ts';
import { isWanted, take } from '../phase/plan-phase.ts';
import type { PlanState } from '../phase/state.ts';
import type { RunFacts } from '../run/run-facts.ts';
import type { PlanReplayDependencies } from './dependencies.ts';
import { givenUp, isGivenUp } from './given-up.ts';
import { Asked, type Moment, type RecordedPlanning, recordedPlannings } from './recorded-planning.ts';

/** What a planner would record next, from where its stream stands, held against what it did: outcomes are taken from that. */
export type PlanMachine = (
  state: PlanState,
  recorded: RecordedEvent & PlanEvent,
  facts: RunFacts,
) => Promise<readonly Replayed[]>;

const decision = (event: PlanEvent): Replayed => ({ event, origin: 'decision' });
const outcome = (event: PlanEvent): Replayed => ({ event, origin: 'outcome' });

export const planMachine = (dependencies: PlanReplayDependencies, runId: RunId): PlanMachine => {
  const planningAt = recordedPlannings(dependencies, runId);
  const nextOf = dependencies.nextStep ?? nextStep;

  const decide = async (moment: Moment): Promise<readonly PlanEvent[]> => {
    const made = await planningAt(moment);
    if (made === null || moment.facts.paused || !isWanted(moment.facts, made.planning.job)) return [];
    const step = actionOf(nextOf(moment.state, made.planning.job));
    return step === null ? [] : act(made, step, moment.facts);
  };

  return async (state, recorded, facts) => {
    if (isOutcomeOf(state, recorded)) return [outcome(recorded)];
    const visit = recorded.type === 'plan.started' ? recorded.data : state.visit;
    const decided = visit === null ? [] : await decide({ state, facts, visit, recorded });
    return isGivenUp(recorded) && decided[0]?.type !== 'plan.failed'
      ? [outcome(givenUp(state, recorded))]
      : decided.map((event) => decision(without(event, recorded)));
  };
};

/** What is done when it was waited for; null when there is nothing left to do. */
const actionOf = (step: NextStep): Action | null => {
  if (step.kind === 'over') return null;
  return step.kind === 'wait' ? step.next : step;
};

const act = async ({ planning, appended }: RecordedPlanning, step: Action, facts: RunFacts) => {
  try {
    appended.push(...(await take(planning, step, facts)));
  } catch (error) {
    if (!(error instanceof Asked)) throw error;
  }
  return appended;
};

/** What a model answered, or why it did not. */
const isOutcomeOf = ({ call }: PlanState, event: PlanEvent): boolean =>
  (event.type === 'model.answered' || event.type === 'model.failed') &&
  call !== null &&
  call.answered === null &&
  call.failed === null &&
  call.requested.callId === event.data.callId;

/** Older events do not say what newer ones do beside. */
const without = (event: PlanEvent, recorded: PlanEvent): PlanEvent => {
  if (event.type !== 'plan.proposed' || recorded.type !== 'plan.proposed') return event;
  if (recorded.data.price !== undefined) return event;
  const { price: _, ...data } = event.data;
  return { type: 'plan.proposed', data };
};
