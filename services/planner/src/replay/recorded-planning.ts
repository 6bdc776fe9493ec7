import { agentTypes } from '@partitura/shared/agents';
import { noUsage, type PlanEvent, type RunId } from '@partitura/shared/events';
import { type ChatModel, type RecordedCalls, recordedCalls } from '@partitura/shared/models';
import { type PlanDocument, replanPhase } from '@partitura/shared/planning';
import { closedQueue, closedStore, readOnlyBlobs, replayClock } from '@partitura/shared/replaying';
import { silentLogger } from '@partitura/shared/runtime';
import { leftOf } from '../conversation/fit-request.ts';
import type { PlannerDependencies } from '../dependencies.ts';
import { type PhaseMaterial, phaseMaterial } from '../phase/material.ts';
import type { PhaseToPlan } from '../phase/next-step.ts';
import { phaseToPlan } from '../phase/plan-phase.ts';
import type { Planning } from '../phase/planning.ts';
import type { PlanState } from '../phase/state.ts';
import type { RunFacts } from '../run/run-facts.ts';
import type { PlanReplayDependencies } from './dependencies.ts';
import { recordedListing } from './recorded-listing.ts';
import { recordedMeasure } from './recorded-measure.ts';

/** Thrown in place of asking a model: the question is all that is wanted. */
export class Asked extends Error {}

/** A planning as it stood at a moment; what it appends is kept apart. */
export interface RecordedPlanning {
  readonly planning: Planning;
  readonly appended: PlanEvent[];
}

export interface Moment {
  readonly state: PlanState;
  readonly facts: RunFacts;
  readonly visit: Pick<PhaseToPlan, 'phase' | 'visit'>;
  /** What was recorded then. */
  readonly recorded: PlanEvent;
}

const refuse = (): never => {
  throw new Error('A replay asks nobody and writes nothing.');
};

const signal = new AbortController().signal;
/** What stands in the log was cleaned when it was written. */
const asItIs = {
  redactText: (text: string) => text,
  redactData: (data: unknown) => data,
  suspects: () => false,
};

/** What a phase is planned for: another PRD where the plan is to be changed; null while the run does not say. */
const configurationAt = (
  { configuration, replan }: RunFacts,
  phase: string,
): Planning['configuration'] | null => {
  if (configuration === null || phase !== replanPhase) return configuration;
  return replan && { ...configuration, prd: replan.prd };
};

/** Puts plannings together as live ones are, on the record in place of models, files and prices. */
export const recordedPlannings = (dependencies: PlanReplayDependencies, runId: RunId) => {
  const blobs = readOnlyBlobs(dependencies.blobs);
  const clock = replayClock();
  const recording = recordedCalls({ blobs, clock, redact: (text) => text });
  const calls: RecordedCalls = { ...recording, perform: () => Promise.reject(new Asked()) };
  const bases = new Map<string, Promise<PlanDocument | null>>();

  const basisOf = ({ plan }: RunFacts, material: PhaseMaterial): Promise<PlanDocument | null> => {
    const key = plan?.hash ?? '';
    const known = bases.get(key) ?? material.basis(plan);
    bases.set(key, known);
    return known;
  };

  const ownOf = (model: ChatModel, recorded: PlanEvent): PlannerDependencies => ({
    store: closedStore,
    queue: closedQueue,
    blobs,
    models: { resolve: () => model, prices: pricesAsRecorded(recorded, dependencies) },
    clock,
    ids: { next: refuse },
    logger: silentLogger,
    redactor: asItIs,
    ...(dependencies.speeds ? { speeds: dependencies.speeds } : {}),
  });

  return async ({ state, facts, visit, recorded }: Moment): Promise<RecordedPlanning | null> => {
    const configuration = configurationAt(facts, visit.phase);
    if (configuration === null) return null;
    const { job, model: named } = phaseToPlan(configuration, visit.phase, visit.visit);
    const left = leftOf(facts.held, state.visit?.usage ?? noUsage);
    const measure = await recordedMeasure(recorded, left, calls);
    const material = phaseMaterial({ blobs, logger: silentLogger }, configuration);
    const appended: PlanEvent[] = [];
    const planning: Planning = {
      dependencies: ownOf({ provider: 'recorded', chat: refuse, measure }, recorded),
      calls,
      runId,
      job,
      configuration,
      basis: job.act === 'replan' ? await basisOf(facts, material) : null,
      model: named ?? configuration.model,
      agents: dependencies.agents ?? agentTypes,
      session: {
        state: () => state,
        revision: refuse,
        position: refuse,
        append: async (events) => void appended.push(...events),
      },
      watch: { refresh: async () => facts, until: async () => facts },
      material: { ...material, files: () => recordedListing(recorded, calls) },
      signal,
      stopping: signal,
    };
    return { planning, appended };
  };
};

/** The price that an estimate was made with; where the log does not have it, today's. */
const pricesAsRecorded = (
  recorded: PlanEvent,
  { prices }: PlanReplayDependencies,
): PlannerDependencies['models']['prices'] => {
  if (recorded.type !== 'plan.proposed' || recorded.data.price === undefined) return prices;
  const { price } = recorded.data;
  return { priceOf: () => price && { perMillion: price } };
};
