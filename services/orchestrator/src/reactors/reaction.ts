import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import type { ProjectEvent, RecordedIn } from '@partitura/shared/events';
import type { JobQueue } from '@partitura/shared/job-queue';
import type { CommandHandler } from '@partitura/shared/processing';
import type { Clock } from '@partitura/shared/runtime';
import type { ProjectCommand } from '../projects/decider.ts';
import type { ProjectState } from '../projects/state.ts';
import type { RunHandler } from '../runs/run-handler.ts';
import type { EarlyOffers } from './early-offers.ts';

export interface ReactionDependencies {
  readonly store: EventStore;
  readonly queue: JobQueue;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly runs: RunHandler;
  readonly early: EarlyOffers;
  readonly projects: CommandHandler<ProjectState, ProjectCommand, ProjectEvent>;
}

export type Happened<Type extends string> = Extract<
  RecordedIn<'project' | 'run' | 'plan' | 'agent' | 'merge' | 'knowledge'>,
  { type: Type }
>;

/**
 * What the orchestrator does about what happened. Every reaction is harmless when it comes again: commands carry an id made
 * from the event's and decide on nothing twice, jobs are named by the attempt.
 */
export type Reaction<Type extends string> = (
  event: Happened<Type>,
  dependencies: ReactionDependencies,
) => Promise<unknown>;
export type Reactions<Type extends string> = { readonly [One in Type]: Reaction<One> };
