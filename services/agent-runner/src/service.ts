import type { BlobStore } from '@partitura/shared/blobs';
import type { EventBus } from '@partitura/shared/event-bus';
import type { EventStore } from '@partitura/shared/event-store';
import type { Redactor } from '@partitura/shared/events';
import type { JobQueue } from '@partitura/shared/job-queue';
import type { KnowledgeIndex } from '@partitura/shared/knowledge-index';
import { type Embedder, type ModelDirectory, recordedCalls } from '@partitura/shared/models';
import {
  commandHandler,
  type Patience,
  patience,
  patientBlobs,
  patientStore,
} from '@partitura/shared/processing';
import type { Clock, Component, Ids, Logger, Service } from '@partitura/shared/runtime';
import type { Signing } from '@partitura/shared/sealing';
import type { KeyRing } from '@partitura/shared/subject-keys';
import { contents } from './agents/contents.ts';
import { attemptWorker } from './attempts/attempt-worker.ts';
import { knowledgeSearch } from './attempts/knowledge-search.ts';
import { mailboxes } from './attempts/mailboxes.ts';
import { importedBranches } from './bundles/imported-branches.ts';
import { bundleHandlers } from './bundles/operations.ts';
import { projectChecks } from './checks/index.ts';
import { foreignMerges } from './merging/foreign-merges.ts';
import { branchMerging } from './merging/git-merge.ts';
import { mergeClaims } from './merging/merge-claims.ts';
import { mergeSweep } from './merging/merge-sweep.ts';
import { mergeWorker } from './merging/merge-worker.ts';
import { mergeQueueDecider } from './merging/queue.ts';
import { submissions } from './merging/submissions.ts';
import { turns } from './merging/turns.ts';
import { recheckRequests } from './rechecks/recheck-requests.ts';
import { recheckWorker } from './rechecks/recheck-worker.ts';
import { replayOperations } from './replay/operations.ts';
import { runViews } from './runs/run-views.ts';
import { sandboxes } from './sandboxes.ts';
import { openingTools, toolBox } from './tools/index.ts';
import { whyOperations } from './why/index.ts';
import { forkBranches } from './workspaces/fork-branch.ts';
import { workspaces } from './workspaces/index.ts';

export { next } from './agents/next.ts';
export { mergeQueueDecider } from './merging/queue.ts';
export { replayAgents } from './replay/replay-agents.ts';
export { type DetectedSandbox, detectSandbox } from './sandbox/index.ts';

export interface AgentRunnerDependencies {
  readonly store: EventStore;
  readonly bus: EventBus;
  readonly queue: JobQueue;
  readonly blobs: BlobStore;
  readonly redactor: Redactor;
  /** What stands sealed in the log is opened with them for tools. Default: nothing does. */
  readonly subjects?: KeyRing;
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
  /** Which runner has an attempt stands in the log: unique among those that are up at the same time, on all machines. */
  readonly runnerName: string;
  /** Attempts at the same time in this process. */
  readonly concurrency: number;
  /** Runs that are merged into at the same time. Default 2. */
  readonly mergeConcurrency?: number;
  /** What bundles are signed with; without it, there are none. */
  readonly signing?: Signing;
  readonly checkTimeoutMs?: number;
  readonly commandTimeoutMs?: number;
}

const identity = { name: 'Partitura', email: 'partitura@localhost' };
const tenMinutes = 10 * 60_000;
const twoMinutes = 2 * 60_000;

/** Agents at work: attempts, their tools and work trees, and the merge queue. */
export const agentRunnerService = (dependencies: AgentRunnerDependencies): Service => {
  const { bus, queue, redactor, clock, ids, logger, signing } = dependencies;
  const waiting = engineWaiting({ clock, logger });
  const store = patientStore(dependencies.store, waiting.patience);
  const blobs = patientBlobs(dependencies.blobs, waiting.patience);
  const followingBy = { store, clock, logger };
  const { checkTimeoutMs = tenMinutes, commandTimeoutMs = twoMinutes, mergeConcurrency = 2 } = dependencies;
  const calls = recordedCalls({ blobs, clock, redact: redactor.redactText });
  const checks = projectChecks();
  const kept = contents(blobs, redactor);
  const views = runViews({ ...followingBy, blobs });
  const messages = mailboxes(followingBy);
  const { dataDirectory } = dependencies;
  const imported = importedBranches({ store, blobs, dataDirectory });
  const spaces = workspaces({ dataDirectory, bringImported: imported.bringAllInto });
  const sandboxOf = sandboxes(dependencies.sandboxMode, logger);
  const merges = commandHandler(store, mergeQueueDecider);
  const claims = mergeClaims({ merges, clock, ids, runner: dependencies.runnerName });
  const mergeTurns = turns(followingBy);
  const foreign = foreignMerges({ ...followingBy, views, workspaces: spaces }, claims.wasOwn);
  const sweep = mergeSweep({ store, queue, clock, logger });
  const submitted = submissions({
    store,
    bus,
    queue,
    clock,
    logger,
    merges,
    makeBranch: forkBranches({ views, workspaces: spaces, logger }),
  });

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
    calls,
    mailboxes: messages,
    knowledge: knowledgeSearch(patientIndex(dependencies.knowledge, waiting.patience), dependencies.embedder),
    tools: openingTools(toolBox(redactor.redactText), dependencies.subjects),
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
    logger,
    views,
    claims,
    turns: mergeTurns,
    checks,
    checkTimeoutMs,
    identity,
    sandboxOf,
    contents: kept,
    workspaces: spaces,
    merging: branchMerging(spaces.internals),
    concurrency: mergeConcurrency,
  });

  const recheckWishes = recheckRequests({ store, queue, clock, logger });
  const rechecks = recheckWorker({
    queue,
    views,
    merges,
    workspaces: spaces,
    checks,
    checkTimeoutMs,
    contents: kept,
    sandboxOf,
    clock,
    logger,
  });

  return {
    name: 'agent-runner',
    // Who asks is told that an engine is away; only work waits for it.
    operations: {
      ...replayOperations(dependencies),
      ...(signing === undefined
        ? {}
        : bundleHandlers({
            ...dependencies,
            signing,
            imported: importedBranches(dependencies),
            workspaces: spaces,
            exclusively: spaces.internals.exclusively,
          })),
      ...whyOperations({
        store: dependencies.store,
        calls: recordedCalls({ blobs: dependencies.blobs, clock, redact: redactor.redactText }),
        contents: contents(dependencies.blobs, redactor),
        imported: importedBranches(dependencies),
        workspaces: spaces,
        exclusively: spaces.internals.exclusively,
      }),
    },
    components: [
      waiting,
      views,
      messages,
      mergeTurns,
      foreign,
      merging,
      sweep,
      submitted,
      rechecks,
      recheckWishes,
      attempts,
    ],
    health: [submitted, views, messages, mergeTurns, foreign, sweep, recheckWishes].map(
      ({ health }) => health,
    ),
  };
};

/** Waiting for engines that are away ends with the service: started first, so that it is stopped after all who may wait. */
const engineWaiting = ({ clock, logger }: Pick<AgentRunnerDependencies, 'clock' | 'logger'>) => {
  const stopping = new AbortController();
  const component: Component = {
    name: 'agent-runner.patience',
    start: async () => undefined,
    stop: async () => stopping.abort(),
  };
  return { ...component, patience: patience({ clock, logger, signal: stopping.signal }) };
};

/** An agent waits for what is known rather than to go on without it, or to fail. */
const patientIndex = (
  index: Pick<KnowledgeIndex, 'search'> | null,
  { patiently }: Patience,
): Pick<KnowledgeIndex, 'search'> | null =>
  index && { search: (query) => patiently(() => index.search(query)) };
