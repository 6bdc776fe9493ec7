import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import type { PlannerDependencies } from '../dependencies.ts';
import type { nextStep } from '../phase/next-step.ts';

export interface PlanReplayDependencies {
  readonly store: Pick<EventStore, 'readStream'>;
  readonly blobs: Pick<BlobStore, 'get' | 'has'>;
  readonly prices: PlannerDependencies['models']['prices'];
  readonly agents?: PlannerDependencies['agents'];
  readonly speeds?: PlannerDependencies['speeds'];
  /** Default: what a planner does next live. */
  readonly nextStep?: typeof nextStep;
}
