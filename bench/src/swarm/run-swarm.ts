import { join } from 'node:path';
import { agentRunnerService } from '@partitura/agent-runner';
import { orchestratorService } from '@partitura/orchestrator';
import { openEmbeddedBlobStore } from '@partitura/shared/blobs';
import { inProcessEventBus, sqliteCheckpoints } from '@partitura/shared/event-bus';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import {
  asProjectId,
  asRunId,
  beginning,
  createRedactor,
  type EventToAppend,
  type RunConfiguration,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import { inProcessJobQueue } from '@partitura/shared/job-queue';
import { featureHashingEmbedder } from '@partitura/shared/models';
import type { TaskDefinition } from '@partitura/shared/planning';
import { noMetrics, randomIds, runComponents, silentLogger, systemClock } from '@partitura/shared/runtime';
import { architectPlanSwarm, type Workflow } from '@partitura/shared/workflows';
import { dispatchTimes } from './dispatch-times.ts';
import { noOpModel } from './model.ts';
import { planOf } from './plan.ts';

export interface SwarmOptions {
  readonly directory: string;
  readonly tasks: readonly TaskDefinition[];
  readonly maxAgents: number;
  /** How long the model takes, in milliseconds. */
  readonly modelMs: number;
}

export interface SwarmResult {
  readonly completed: number;
  /** From the append that hands the orchestrator its plan to the durable end of the run, in milliseconds. */
  readonly durationMs: number;
  readonly events: number;
  /** Of each attempt: from when it is durably scheduled to when the runner has it, in milliseconds. */
  readonly dispatchMs: readonly number[];
}

const runId = 'r_bench';
const projectId = 'p_bench';

const workflow: Workflow = {
  ...architectPlanSwarm,
  name: 'bench',
  phases: architectPlanSwarm.phases.filter(({ id }) => id === 'planner' || id === 'executor'),
};

/**
 * One run of no-op tasks through the orchestrator, the queue, the runner and the log as they are, without a repository: every
 * completion is durable before what depends on it begins. Only the planner is spared: its proposal is given.
 */
export const runSwarm = async ({
  directory,
  tasks,
  maxAgents,
  modelMs,
}: SwarmOptions): Promise<SwarmResult> => {
  const clock = systemClock;
  const ids = randomIds();
  const redactor = createRedactor();
  const logger = silentLogger;
  const dispatch = dispatchTimes();
  const store = dispatch.watchStore(openSqliteEventStore({ path: join(directory, 'events.db'), redactor }));
  const checkpoints = sqliteCheckpoints(join(directory, 'checkpoints.db'));
  const bus = inProcessEventBus({ store, checkpoints, clock });
  const queue = dispatch.watchQueue(inProcessJobQueue({ clock }));
  const blobs = await openEmbeddedBlobStore({ directory: join(directory, 'blobs') });
  const model = noOpModel(modelMs);
  const ports = { store, bus, queue, blobs, clock, ids, logger, redactor };
  const orchestrator = orchestratorService({
    ...ports,
    metrics: noMetrics,
    workflows: new Map([[workflow.name, workflow]]),
    defaults: { model: 'bench/no-op', fallbackModels: [], maxAgents, sandbox: 'required' },
    requireModel: () => undefined,
  });
  const runner = agentRunnerService({
    ...ports,
    models: { resolve: () => model },
    knowledge: null,
    embedder: featureHashingEmbedder(),
    dataDirectory: directory,
    sandboxMode: 'required',
    runnerName: 'bench',
    concurrency: 10_000,
  });
  const running = await runComponents([...orchestrator.components, ...runner.components], { clock, logger });

  const content = JSON.stringify(planOf(tasks));
  const plan = {
    hash: await blobs.put(content),
    size: content.length,
    preview: '',
    contentType: 'application/json',
  };
  const append = (
    category: 'project' | 'plan',
    id: string,
    events: readonly { type: string; data: unknown }[],
  ) =>
    store.append(
      streamName(category, id),
      events.map(
        ({ type, data }): EventToAppend => ({
          id: ids.next('e'),
          type,
          version: versionOf(type),
          data,
          time: new Date(clock.now()).toISOString(),
          metadata: {
            source: '/bench',
            actor: 'user:bench',
            correlationId: runId,
            causationId: null,
            projectId: asProjectId(projectId),
            runId: asRunId(runId),
          },
        }),
      ),
      'any',
    );
  const configuration = configurationOf(plan, maxAgents);
  await append('project', projectId, [
    { type: 'project.run_requested', data: { runId, reserved: null, configuration } },
  ]);
  await until(store, 'phase.entered');

  const begun = performance.now();
  const percentiles = { p50: 0, p90: 0 };
  await append('plan', runId, [
    {
      type: 'plan.proposed',
      data: {
        plan,
        planRevision: 1,
        requirements: 0,
        questions: 0,
        tasks: tasks.length,
        width: 0,
        criticalPath: [],
        criticalPathMs: 0,
        durationMs: percentiles,
        costMicroUsd: percentiles,
      },
    },
    { type: 'plan.phase_finished', data: { phase: 'planner', visit: 1, usage: noUsageAtAll } },
  ]);
  await until(store, 'run.completed');
  const durationMs = performance.now() - begun;

  let completed = 0;
  let events = 0;
  for await (const page of store.readAll()) {
    events += page.events.length;
    completed += page.events.filter(({ type }) => type === 'task.completed').length;
  }
  await running.stop(1_000);
  await queue.close();
  await bus.close();
  checkpoints.close();
  await blobs.close();
  await store.close();
  return { completed, durationMs, events, dispatchMs: dispatch.milliseconds };
};

const noUsageAtAll = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costMicroUsd: 0,
  calls: 0,
};

const until = async (store: ReturnType<typeof openSqliteEventStore>, type: string): Promise<void> => {
  const enough = new AbortController();
  for await (const page of store.subscribe({
    after: beginning,
    filter: { types: [type] },
    signal: enough.signal,
  })) {
    if (page.events.length > 0) return;
  }
};

const configurationOf = (
  content: RunConfiguration['prd']['content'],
  maxAgents: number,
): RunConfiguration => ({
  prd: { name: 'PRD.md', title: 'No-ops', words: 0, content },
  repository: null,
  branch: null,
  workflow,
  model: 'bench/no-op',
  fallbackModels: [],
  rehearsal: false,
  maxAgents,
  budget: null,
  sandbox: 'required',
  stack: [],
  constraints: [],
  successCriteria: [],
  step: false,
  planOnly: false,
});
