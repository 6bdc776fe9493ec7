import type { BlobStore } from '@partitura/shared/blobs';
import type { EventBus } from '@partitura/shared/event-bus';
import type { EventStore } from '@partitura/shared/event-store';
import type { Redactor } from '@partitura/shared/events';
import type { JobQueue } from '@partitura/shared/job-queue';
import type { KnowledgeIndex } from '@partitura/shared/knowledge-index';
import { type Embedder, type ModelDirectory, recordedCalls } from '@partitura/shared/models';
import { commandHandler } from '@partitura/shared/processing';
import type { Clock, Ids, Logger, Service } from '@partitura/shared/runtime';
import { contents } from './agents/contents.ts';
import { attemptWorker } from './attempts/attempt-worker.ts';
import { knowledgeSearch } from './attempts/knowledge-search.ts';
import { mailboxes } from './attempts/mailboxes.ts';
import { projectChecks } from './checks/index.ts';
import { branchMerging } from './merging/git-merge.ts';
import { mergeWorker } from './merging/merge-worker.ts';
import { mergeQueueDecider } from './merging/queue.ts';
import { mergeRecovery, submissions } from './merging/submissions.ts';
import { runViews } from './runs/run-views.ts';
import { sandboxes } from './sandboxes.ts';
import { toolBox } from './tools/index.ts';
import { workspaces } from './workspaces/index.ts';

export { type DetectedSandbox, detectSandbox } from './sandbox/index.ts';

export interface AgentRunnerDependencies {
  readonly store: EventStore;
  readonly bus: EventBus;
  readonly queue: JobQueue;
  readonly blobs: BlobStore;
  readonly redactor: Redactor;
  readonly models: Pick<ModelDirectory, 'resolve'>;
  /** Read only. Null where nothing is known. */
  readonly knowledge: KnowledgeIndex | null;
  readonly embedder: Embedder;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Clones and work trees are kept in it. */
  readonly dataDirectory: string;
  /** `off` lets runs that ask for it go without a sandbox; `required` does not. */
  readonly sandboxMode: 'required' | 'off';
  /** Which runner has an attempt stands in the log: unique among those that are up at the same time. */
  readonly runnerName: string;
  /** Attempts at the same time in this process. */
  readonly concurrency: number;
  /** Runs that are merged into at the same time. Default 2. */
  readonly mergeConcurrency?: number;
  readonly checkTimeoutMs?: number;
  readonly commandTimeoutMs?: number;
}

const identity = { name: 'Partitura', email: 'partitura@localhost' };
const tenMinutes = 10 * 60_000;
const twoMinutes = 2 * 60_000;

/** Agents at work: attempts, their tools and work trees, and the merge queue. */
export const agentRunnerService = (dependencies: AgentRunnerDependencies): Service => {
  const { store, bus, queue, blobs, redactor, clock, ids, logger } = dependencies;
  const { checkTimeoutMs = tenMinutes, commandTimeoutMs = twoMinutes, mergeConcurrency = 2 } = dependencies;
  const checks = projectChecks();
  const kept = contents(blobs, redactor);
  const views = runViews({ store, blobs, logger });
  const spaces = workspaces({ dataDirectory: dependencies.dataDirectory });
  const sandboxOf = sandboxes(dependencies.sandboxMode, logger);
  const merges = commandHandler(store, mergeQueueDecider);
  const submitted = submissions({ store, bus, queue, clock, logger, merges });

  const attempts = attemptWorker({
    store,
    queue,
    ids,
    clock,
    logger,
    views,
    contents: kept,
    runner: dependencies.runnerName,
    concurrency: dependencies.concurrency,
    calls: recordedCalls({ blobs, clock, redact: redactor.redactText }),
    mailboxes: mailboxes(),
    knowledge: knowledgeSearch(dependencies.knowledge, dependencies.embedder),
    tools: toolBox(),
    toolLimits: { maxFileBytes: 512 * 1024, maxResultCharacters: 30_000, commandTimeoutMs },
    checks,
    checkTimeoutMs,
    workspaces: spaces,
    identity,
    sandboxOf,
    modelOf: dependencies.models.resolve,
  });
  const merging = mergeWorker({
    store,
    queue,
    clock,
    logger,
    views,
    merges,
    checks,
    checkTimeoutMs,
    identity,
    sandboxOf,
    contents: kept,
    workspaces: spaces,
    merging: branchMerging(spaces.internals),
    concurrency: mergeConcurrency,
  });

  return {
    name: 'agent-runner',
    operations: {},
    components: [views, merging, mergeRecovery({ store, queue }), submitted, attempts],
    health: [submitted.health],
  };
};
