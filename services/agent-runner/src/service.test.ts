import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import { inProcessEventBus, memoryCheckpoints } from '@partitura/shared/event-bus';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import {
  asPosition,
  createRedactor,
  noUsage,
  type RecordedEvent,
  type RunEvent,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import { inProcessJobQueue } from '@partitura/shared/job-queue';
import { featureHashingEmbedder } from '@partitura/shared/models';
import { createRepository, git } from '@partitura/shared/repositories';
import { randomIds, silentLogger, systemClock } from '@partitura/shared/runtime';
import { agentRunnerService } from './service.ts';
import { goodScript, scriptedModel } from './testing/scripted-model.ts';
import { configuration, task } from './testing/world.ts';

const runId = 'r1';
const ids = randomIds();
let base = '';
let project = '';
let store: EventStore;
let stop: () => Promise<void> = async () => undefined;

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'partitura-runner-')));
  project = join(base, 'project');
  const manifest = JSON.stringify({ type: 'module', scripts: { test: 'node --test' } });
  const identity = { name: 'Somebody', email: 'somebody@localhost' };
  const files = { 'README.md': '# Hello\n', 'package.json': manifest };
  await createRepository(project, { files, message: 'Begin', identity });
  store = openSqliteEventStore({ path: join(base, 'events.db') });
});
afterEach(async () => {
  await stop();
  await store.close();
  await rm(base, { recursive: true, force: true, maxRetries: 20 });
});

const appendRun = async (events: readonly RunEvent[]): Promise<void> => {
  const recorded = events.map((event) => ({
    id: ids.next('e'),
    type: event.type,
    version: versionOf(event.type),
    data: event.data,
    time: new Date().toISOString(),
    metadata: { source: '/test', actor: 'user:test', correlationId: runId, causationId: null },
  }));
  await store.append(streamName('run', runId), recorded, 'any');
};

const next = async (type: string): Promise<RecordedEvent> => {
  const filter = { categories: ['agent', 'merge'] as const, types: [type] };
  for await (const { events } of store.subscribe({
    after: asPosition(''),
    filter,
    signal: new AbortController().signal,
  })) {
    if (events[0]) return events[0];
  }
  throw new Error('The store was closed.');
};

describe('the agent runner', () => {
  it('turns a scheduled attempt into a merged branch, with real git, tools and checks', async () => {
    const greeting = "export const hello = () => 'hello';\n";
    const test =
      "import test from 'node:test';\nimport assert from 'node:assert';\nimport { hello } from './hello.mjs';\ntest('greets', () => assert.equal(hello(), 'hello'));\n";
    const { model } = scriptedModel(
      goodScript([
        {
          tools: [
            { tool: 'write_file', arguments: { path: 'hello.mjs', content: greeting } },
            { tool: 'write_file', arguments: { path: 'hello.test.mjs', content: test } },
          ],
        },
        { tools: [{ tool: 'read_file', arguments: { path: 'hello.mjs' } }] },
      ]),
    );
    const clock = systemClock;
    const queue = inProcessJobQueue({ clock });
    const bus = inProcessEventBus({ store, checkpoints: memoryCheckpoints(), clock });
    const service = agentRunnerService({
      store,
      bus,
      queue,
      blobs: memoryBlobStore(),
      redactor: createRedactor(),
      models: { resolve: () => model },
      knowledge: null,
      embedder: featureHashingEmbedder(),
      clock,
      ids,
      logger: silentLogger,
      dataDirectory: join(base, 'data'),
      sandboxMode: 'off',
      runnerName: 'runner-1',
      concurrency: 4,
    });
    for (const component of service.components) await component.start();
    stop = async () => {
      for (const component of service.components.toReversed()) await component.stop(10_000);
      await bus.close();
      await queue.close();
    };
    const [taskId, attemptId] = [`${runId}.T1`, `${runId}.T1.a1`];
    await appendRun([
      {
        type: 'run.created',
        data: {
          runId,
          projectId: 'p1',
          configuration: {
            ...configuration,
            repository: { url: project, baseBranch: 'main' },
            branch: 'partitura/r1',
          },
        },
      },
      { type: 'run.started', data: { wallDeadlineAt: null } },
      {
        type: 'task.added',
        data: { taskId, phase: 'executor', definition: task, pathTokens: 1, conflict: null },
      },
      {
        type: 'task.scheduled',
        data: {
          taskId,
          attemptId,
          attempt: 1,
          agentType: task.agentType,
          model: 'scripted/one',
          reservation: null,
          deadlineAt: new Date(Date.now() + 600_000).toISOString(),
        },
      },
    ]);
    await queue.enqueue('attempts', [{ id: attemptId, payload: { runId, taskId, attemptId } }]);
    const finished = await next('agent.finished');
    const end = finished.data as { outcome: string; branch: string; commit: string };
    expect(end).toMatchObject({ outcome: 'succeeded', branch: `partitura-task/${attemptId}` });
    const verified = await next('agent.verified');
    expect(verified.data).toMatchObject({ checks: [{ name: 'test', outcome: 'passed', passed: 1 }] });
    await appendRun([
      {
        type: 'task.submitted',
        data: {
          taskId,
          attemptId,
          branch: end.branch,
          commit: end.commit,
          usage: noUsage,
          requirementIds: [],
          findings: [],
        },
      },
    ]);
    const merged = await next('merge.completed');
    expect(merged.data).toMatchObject({ checks: [{ name: 'test', outcome: 'passed' }] });
    const { stdout } = await git(['show', 'partitura/r1:hello.mjs'], { cwd: project });
    expect(stdout).toBe(greeting);
    const log = await git(['log', '--format=%s%n%b', 'partitura/r1'], { cwd: project });
    expect(log.stdout).toContain('T1: Say hello');
    expect(log.stdout).toContain('Partitura-Requirements: R1');
  });
});
