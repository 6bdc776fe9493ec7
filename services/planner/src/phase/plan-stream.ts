import {
  asProjectId,
  type Ownership,
  type PlanEvent,
  type RunId,
  streamName,
} from '@partitura/shared/events';
import { openSession, type StreamSession } from '@partitura/shared/processing';
import type { PlannerDependencies } from '../dependencies.ts';
import { evolvePlan, initialPlanState, type PlanState } from './state.ts';

/** Hold of the stream `plan-<run>`; its revision is the fence against a planner that was taken for dead. */
export const openPlan = (
  { store, clock, ids }: Pick<PlannerDependencies, 'store' | 'clock' | 'ids'>,
  runId: RunId,
  { projectId, owner }: { readonly projectId: string; readonly owner: Ownership },
): Promise<StreamSession<PlanState, PlanEvent>> =>
  openSession({
    store,
    clock,
    ids,
    stream: streamName('plan', runId),
    metadata: {
      source: '/planner',
      actor: 'service:planner',
      correlationId: runId,
      causationId: null,
      ...owner,
      projectId: asProjectId(projectId),
      runId,
    },
    initial: initialPlanState,
    evolve: evolvePlan,
  });
