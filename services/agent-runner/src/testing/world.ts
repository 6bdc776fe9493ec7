import { tmpdir } from 'node:os';
import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import {
  type AgentEvent,
  asRunId,
  attemptIdOf,
  beginning,
  createRedactor,
  type RecordedEvent,
  type RunConfiguration,
  type RunEvent,
  streamName,
  taskIdOf,
  versionOf,
} from '@partitura/shared/events';
import { inProcessJobQueue } from '@partitura/shared/job-queue';
import { featureHashingEmbedder, recordedCalls } from '@partitura/shared/models';
import type { TaskDefinition } from '@partitura/shared/planning';
import { type Clock, randomIds, silentLogger, systemClock } from '@partitura/shared/runtime';
import { builtInWorkflows, defaultWorkflowName } from '@partitura/shared/workflows';
import { contents } from '../agents/contents.ts';
import { attemptsQueue, attemptWorker } from '../attempts/attempt-worker.ts';
import type { Equipment } from '../attempts/employment.ts';
import { knowledgeSearch } from '../attempts/knowledge-search.ts';
import { mailboxes } from '../attempts/mailboxes.ts';
import type { CheckOutcome } from '../checks/index.ts';
import { runViews } from '../runs/run-views.ts';
import type { ToolBox } from '../tools/index.ts';
import type { Workspaces, Worktree } from '../workspaces/index.ts';
import { type Script, scriptedModel } from './scripted-model.ts';

export const runId = asRunId('r_test');
export const task: TaskDefinition = {
  key: 'T1',
  parentKey: null,
  kind: 'task',
  title: 'Say hello',
  description: 'Write hello.txt.',
  agentType: 'eng-backend',
  priority: 5,
  complexity: 1,
  estimatedTokens: 100,
  dependsOn: [],
  acceptanceCriteria: ['It says hello.'],
  requirementIds: ['R1'],
};

const workflow = builtInWorkflows.get(defaultWorkflowName);
if (!workflow) throw new Error('There is no default workflow.');

export const configuration: RunConfiguration = {
  prd: {
    name: 'PRD.md',
    title: 'Hello',
    words: 1,
    content: { hash: '0'.repeat(64), size: 1, preview: '', contentType: 'text/markdown' },
  },
  repository: { url: 'file:///nowhere', baseBranch: 'main' },
  branch: `partitura/${runId}`,
  workflow,
  model: 'scripted/one',
  fallbackModels: [],
  rehearsal: true,
  maxAgents: 4,
  budget: null,
  sandbox: 'off',
  stack: [],
  constraints: [],
  successCriteria: [],
  step: false,
  planOnly: false,
};

export interface WorldOptions {
  readonly script: Script;
  readonly store?: EventStore;
  readonly blobs?: ReturnType<typeof memoryBlobStore>;
  readonly clock?: Clock;
  readonly runner?: string;
  readonly contextWindow?: number;
  readonly workspaces?: ReturnType<typeof rememberedWorkspaces>;
  readonly checks?: () => readonly CheckOutcome[];
  readonly runTool?: ToolBox['run'];
}

/** A work tree that only remembers what was asked of it. */
export const rememberedWorkspaces = () => {
  const log: string[] = [];
  let commits = 0;
  const workspaces: Workspaces = {
    openProjectRepository: async (projectId, url) => ({ projectId, url, path: tmpdir() }),
    createRunBranch: async () => ({ commit: 'base' }),
    openWorktree: async (repository, { attemptId, branch }): Promise<Worktree> => {
      log.push('open');
      return { attemptId, branch, repository, path: emptyFolder, gitDirectory: tmpdir(), baseCommit: 'base' };
    },
    isAsLeft: async () => true,
    markClaim: async () => undefined,
    restoreWorktree: async (worktree) => worktree,
    checkpoint: async () => {
      log.push('checkpoint');
      commits += 1;
      return { commit: `commit${commits}`, filesChanged: 1, insertions: 1, deletions: 0 };
    },
    head: async () => 'head',
    diff: async () => ({ text: 'the diff', truncated: false, files: [] }),
    pushBranch: async () => {
      log.push('push');
    },
    pushAttempt: async () => {
      log.push('push');
    },
    releaseWorktree: () => {
      log.push('release');
    },
    hasOnlyCommitted: async () => true,
    hasWorktree: async () => true,
    discardWorktree: async () => undefined,
    removeMergedBranches: async () => undefined,
    removeWorktree: async () => {
      log.push('remove');
    },
    collectLeftovers: async () => ({ removed: [], kept: [] }),
  };
  return { workspaces, log };
};

const emptyFolder = new URL('.', import.meta.url).pathname;

/** A runner with everything around it, in memory. */
export const world = (options: WorldOptions) => {
  const clock = options.clock ?? systemClock;
  const store = options.store ?? openSqliteEventStore({ path: ':memory:' });
  const blobs = options.blobs ?? memoryBlobStore();
  const ids = randomIds();
  const queue = inProcessJobQueue({ clock });
  const views = runViews({ store, blobs, clock, logger: silentLogger });
  const { model, requests } = scriptedModel(options.script, options.contextWindow);
  const { workspaces, log } = options.workspaces ?? rememberedWorkspaces();
  const boxes = mailboxes({ store, clock, logger: silentLogger });
  const equipment: Equipment = {
    runner: options.runner ?? 'runner-1',
    clock,
    contents: contents(blobs, createRedactor()),
    views,
    mailboxes: boxes,
    calls: recordedCalls({ blobs, clock, redact: (text) => text }),
    knowledge: knowledgeSearch(null, featureHashingEmbedder()),
    tools: {
      specifications: (names) => names.map((name) => ({ name, description: name, parameters: {} })),
      run: options.runTool ?? (async ({ tool }) => ({ outcome: 'succeeded', text: `${tool} did it` })),
    },
    toolLimits: { maxFileBytes: 100_000, maxResultCharacters: 10_000, commandTimeoutMs: 1_000 },
    checks: { detect: async () => [], run: async () => options.checks?.() ?? [] },
    checkTimeoutMs: 1_000,
    workspaces,
    identity: { name: 'Partitura', email: 'partitura@localhost' },
    sandboxOf: async () => null,
    modelOf: () => model,
  };
  const worker = attemptWorker({ ...equipment, store, queue, ids, logger: silentLogger, concurrency: 2_000 });

  const appendRun = async (events: readonly RunEvent[]): Promise<void> => {
    const recorded = events.map((event) => ({
      id: ids.next('e'),
      type: event.type,
      version: versionOf(event.type),
      data: event.data,
      time: new Date(clock.now()).toISOString(),
      metadata: { source: '/test', actor: 'user:test', correlationId: runId, causationId: null, runId },
    }));
    await store.append(streamName('run', runId), recorded, 'any');
  };
  const appendAgent = async (stream: string, events: readonly AgentEvent[]): Promise<void> => {
    const recorded = events.map((event) => ({
      id: ids.next('e'),
      type: event.type,
      version: versionOf(event.type),
      data: event.data,
      time: new Date(clock.now()).toISOString(),
      metadata: { source: '/test', actor: 'agent:test', correlationId: runId, causationId: null, runId },
    }));
    await store.append(streamName('agent', stream), recorded, 'any');
  };
  const attemptId = attemptIdOf(taskIdOf(runId, task.key), 1);
  const taskId = taskIdOf(runId, task.key);

  return {
    store,
    blobs,
    queue,
    views,
    worker,
    requests,
    log,
    clock,
    mailboxes: boxes,
    attemptId,
    taskId,
    appendRun,
    appendAgent,
    /** A run with one scheduled attempt. */
    schedule: async (
      changes: {
        configuration?: Partial<RunConfiguration>;
        definition?: Partial<TaskDefinition>;
        reservation?: { tokens: number; microUsd: number } | null;
        deadlineAt?: number;
      } = {},
    ): Promise<void> => {
      const definition = { ...task, ...changes.definition };
      await appendRun([
        {
          type: 'run.created',
          data: { runId, projectId: 'p_test', configuration: { ...configuration, ...changes.configuration } },
        },
        { type: 'run.started', data: { wallDeadlineAt: null } },
        {
          type: 'task.added',
          data: { taskId, phase: 'executor', definition, pathTokens: 100, conflict: null },
        },
        {
          type: 'task.scheduled',
          data: {
            taskId,
            attemptId,
            attempt: 1,
            agentType: definition.agentType,
            model: 'scripted/one',
            reservation: changes.reservation ?? null,
            deadlineAt: new Date(changes.deadlineAt ?? clock.now() + 3_600_000).toISOString(),
          },
        },
      ]);
    },
    start: async (): Promise<void> => {
      await views.start();
      await boxes.start();
      await worker.start();
    },
    offer: () => queue.enqueue(attemptsQueue, [{ id: attemptId, payload: { runId, taskId, attemptId } }]),
    stop: async (): Promise<void> => {
      await worker.stop(0);
      await boxes.stop(0);
      await views.stop(0);
      await queue.close();
    },
    agentEvents: () => agentEventsOf(store, attemptId),
    /** Resolves when the agent's stream has an event of the type (the n-th of it). */
    until: (type: AgentEvent['type'], count = 1) => untilRecorded(store, type, count),
  };
};

const untilRecorded = async (store: EventStore, type: string, count: number): Promise<RecordedEvent> => {
  const filter = { categories: ['agent', 'merge'] as const, types: [type] };
  const seen: RecordedEvent[] = [];
  for await (const { events } of store.subscribe({
    after: beginning,
    filter,
    signal: new AbortController().signal,
  })) {
    seen.push(...events);
    const found = seen[count - 1];
    if (found) return found;
  }
  throw new Error('The store was closed.');
};

export const agentEventsOf = async (store: EventStore, attemptId: string): Promise<RecordedEvent[]> => {
  const found: RecordedEvent[] = [];
  for await (const page of store.readStream(streamName('agent', attemptId))) found.push(...page);
  return found;
};
