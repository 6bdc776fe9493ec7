import type { AgentType } from '@partitura/shared/agents';
import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import type { Redactor, Repository } from '@partitura/shared/events';
import type { JobQueue } from '@partitura/shared/job-queue';
import type { ChatModel, ModelPrice } from '@partitura/shared/models';
import type { Clock, Ids, Logger } from '@partitura/shared/runtime';
import type { Speed } from './estimate/speeds.ts';

/** Micro-USD for a million tokens. */
export type Price = Pick<ModelPrice['perMillion'], 'input' | 'output'>;

/** The part of the model directory that planning needs. */
export interface PlanningModels {
  /** @throws {ModelError} `MODEL_NOT_FOUND`, `MODEL_NOT_CONFIGURED`, `MODEL_PRICE_UNKNOWN` */
  resolve(name: string): ChatModel;
  readonly prices: { priceOf(model: string): { readonly perMillion: Price } | null };
}

/** Paths of the files on a repository's base branch; nothing when they cannot be had. For orientation only. */
export type ListRepositoryFiles = (repository: Repository, signal: AbortSignal) => Promise<readonly string[]>;

export interface PlannerDependencies {
  readonly store: EventStore;
  readonly queue: JobQueue;
  readonly blobs: BlobStore;
  readonly models: PlanningModels;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly redactor: Redactor;
  /** Default: no listing; the model plans as for an empty repository. */
  readonly listFiles?: ListRepositoryFiles;
  /** Default: the agent types that come with Partitura. */
  readonly agents?: readonly Pick<AgentType, 'id' | 'purpose'>[];
  /** Default: `speeds`. */
  readonly speeds?: readonly Speed[];
}
