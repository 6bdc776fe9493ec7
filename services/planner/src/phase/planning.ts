import type { PlanEvent, RunConfiguration, RunId } from '@partitura/shared/events';
import type { RecordedCalls } from '@partitura/shared/models';
import type { PlanDocument } from '@partitura/shared/planning';
import type { StreamSession } from '@partitura/shared/processing';
import type { AgentSummary } from '../conversation/planning-request.ts';
import type { PlannerDependencies } from '../dependencies.ts';
import type { RunWatch } from '../run/run-watch.ts';
import type { PhaseMaterial } from './material.ts';
import type { NextStep, PhaseToPlan } from './next-step.ts';
import type { PlanState } from './state.ts';

/** What the queue hands over: which phase of which run, entered for which time. */
export interface PlanJob {
  readonly runId: RunId;
  readonly phase: string;
  readonly visit: number;
}

export type Step<Kind extends NextStep['kind']> = Extract<NextStep, { kind: Kind }>;

export interface Planning {
  readonly dependencies: PlannerDependencies;
  readonly calls: RecordedCalls;
  readonly runId: RunId;
  readonly job: PhaseToPlan;
  readonly configuration: RunConfiguration;
  /** The plan that is to be changed; null in a phase that makes one. */
  readonly basis: PlanDocument | null;
  readonly model: string;
  readonly agents: readonly AgentSummary[];
  readonly session: StreamSession<PlanState, PlanEvent>;
  readonly watch: RunWatch;
  readonly material: PhaseMaterial;
  /** Aborts a call that is under way: the job was taken away. */
  readonly signal: AbortSignal;
  /** Ends what only waits, and comes between two steps: also when the service stops. */
  readonly stopping: AbortSignal;
}
