import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import { inProcessEventBus, memoryCheckpoints } from '@partitura/shared/event-bus';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import {
  beginning,
  createRedactor,
  noUsage,
  type RecordedEvent,
  type RunEvent,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import { inProcessJobQueue, type JobQueue, type WorkerOptions } from '@partitura/shared/job-queue';
import { type ChatModel, featureHashingEmbedder } from '@partitura/shared/models';
import { git } from '@partitura/shared/repositories';
import { randomIds, silentLogger, systemClock } from '@partitura/shared/runtime';
import { agentRunnerService } from '../service.ts';
import { configuration, task } from './world.ts';

export const runId = 'r1';
export const runBranch = 'partitura/r1';
const identity = { name: 'Somebody', email: 'somebody@localhost' };

/** What a queue hands to a runner, for tests that hand it over as they like: twice, or to a runner that lost it. */
const handlersOf = (queue: JobQueue) => {
  const handlers = new Map<string, WorkerOptions<unknown>['handle']>();
  const watched: JobQueue = {
    ...queue,
    work: (options) => {
      handlers.set(options.queue, (delivery) => options.handle(delivery as never));
      return queue.work(options);
    },
  };
  return { watched, handlers };
};

/**
 * Runners as on machines of their own: one log, one queue and one bare repository by its URL are all that they have in common.
 */
export const twoRunners = async (
  files: Readonly<Record<string, string>> | null = { 'README.md': '# Hello\n' },
) => {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'partitura-two-')));
  const bare = join(base, 'project.git');
  const url = `file://${bare}`;
  await git(['init', '--quiet', '--bare', '--initial-branch=main', '--', bare]);
  if (files !== null) await firstCommit(base, bare, files);
  const store = openSqliteEventStore({ path: ':memory:' });
  const withheld = new Set<string>();
  const clock = systemClock;
  const inner = inProcessJobQueue({ clock });
  const queue: JobQueue = {
    ...inner,
    enqueue: async (name, jobs) => (withheld.has(name) ? undefined : inner.enqueue(name, jobs)),
  };
  const blobs = memoryBlobStore();
  const ids = randomIds();
  const stops: (() => Promise<void>)[] = [];

  const append = async (events: readonly RunEvent[]): Promise<void> => {
    const metadata = { source: '/test', actor: 'user:test', correlationId: runId, causationId: null };
    const recorded = events.map(({ type, data }) => ({
      id: ids.next('e'),
      type,
      data,
      version: versionOf(type),
      time: new Date(clock.now()).toISOString(),
      metadata,
    }));
    await store.append(streamName('run', runId), recorded, 'any');
  };

  /** `name` is its machine, too: started again under it, it finds what it left on its disk. */
  const start = async (name: string, model: ChatModel) => {
    const bus = inProcessEventBus({ store, checkpoints: memoryCheckpoints(), clock });
    const { watched, handlers } = handlersOf(queue);
    const dataDirectory = join(base, name);
    const service = agentRunnerService({
      store,
      bus,
      queue: watched,
      blobs,
      redactor: createRedactor(),
      models: { resolve: () => model },
      knowledge: null,
      embedder: featureHashingEmbedder(),
      clock,
      ids,
      logger: silentLogger,
      dataDirectory,
      sandboxMode: 'off',
      runnerName: name,
      concurrency: 8,
    });
    for (const component of service.components) await component.start();
    let stopped: Promise<void> | null = null;
    const stop = (): Promise<void> => {
      stopped ??= (async () => {
        for (const component of service.components.toReversed()) await component.stop(0);
        await bus.close();
      })();
      return stopped;
    };
    stops.push(stop);
    return {
      stop,
      handlers,
      service,
      worktree: (attemptId: string) => join(dataDirectory, 'worktrees', attemptId),
    };
  };

  const scheduled = (key: string): RunEvent[] => [
    {
      type: 'task.added',
      data: {
        taskId: `${runId}.${key}`,
        phase: 'executor',
        definition: { ...task, key },
        pathTokens: 1,
        conflict: null,
      },
    },
    {
      type: 'task.scheduled',
      data: {
        taskId: `${runId}.${key}`,
        attemptId: `${runId}.${key}.a1`,
        attempt: 1,
        agentType: task.agentType,
        model: 'scripted/one',
        reservation: null,
        deadlineAt: new Date(clock.now() + 600_000).toISOString(),
      },
    },
  ];
  const jobOf = (key: string) => ({
    runId,
    taskId: `${runId}.${key}`,
    attemptId: `${runId}.${key}.a1`,
  });

  const found = async (type: string, count: number, stream?: string): Promise<RecordedEvent[]> => {
    const seen: RecordedEvent[] = [];
    const stopping = new AbortController();
    const pages = store.subscribe({ after: beginning, filter: { types: [type] }, signal: stopping.signal });
    for await (const { events } of pages) {
      seen.push(...events.filter((event) => stream === undefined || event.stream === stream));
      if (seen.length >= count) break;
    }
    stopping.abort();
    return seen;
  };

  return {
    base,
    bare,
    store,
    queue,
    start,
    jobOf,
    found,
    begin: () =>
      append([
        {
          type: 'run.created',
          data: {
            runId,
            projectId: 'p1',
            configuration: { ...configuration, repository: { url, baseBranch: 'main' }, branch: runBranch },
          },
        },
        { type: 'run.started', data: { wallDeadlineAt: null } },
      ]),
    schedule: (...keys: readonly string[]) => append(keys.flatMap(scheduled)),
    offer: (key: string) => queue.enqueue('attempts', [{ id: jobOf(key).attemptId, payload: jobOf(key) }]),
    /** What is put on that queue is lost from now on. */
    loseJobsOf: (name: string) => withheld.add(name),
    /** A branch as an attempt would have left it, submitted. */
    finish: async (key: string): Promise<void> => {
      const { taskId, attemptId } = jobOf(key);
      const branch = `partitura-task/${attemptId}`;
      const seed = join(base, 'seed');
      await git(['push', '--quiet', '--', bare, `main:refs/heads/${runBranch}`], {
        cwd: seed,
        accept: [0, 1],
      });
      await git(['checkout', '--quiet', '-b', key, 'main'], { cwd: seed });
      await writeFile(join(seed, `${key}.txt`), `${key}\n`);
      await git(['add', '--all'], { cwd: seed });
      await git(['commit', '--quiet', `--message=${key}`], { cwd: seed, identity });
      await git(['push', '--quiet', '--', bare, `HEAD:refs/heads/${branch}`], { cwd: seed });
      const commit = (await git(['rev-parse', 'HEAD'], { cwd: seed })).stdout.trim();
      const [added] = scheduled(key);
      await append([
        ...(added ? [added] : []),
        {
          type: 'task.submitted',
          data: { taskId, attemptId, branch, commit, usage: noUsage, requirementIds: [], findings: [] },
        },
      ]);
    },
    /** As the orchestrator does when the attempt has finished. */
    submit: async (key: string): Promise<void> => {
      const { taskId, attemptId } = jobOf(key);
      const [end] = await found('agent.finished', 1, streamName('agent', attemptId));
      if (!end) throw new Error(`${attemptId} did not finish.`);
      const { branch, commit } = end.data as { branch: string; commit: string };
      await append([
        {
          type: 'task.submitted',
          data: { taskId, attemptId, branch, commit, usage: noUsage, requirementIds: [], findings: [] },
        },
      ]);
    },
    streamOf: async (stream: ReturnType<typeof streamName>): Promise<RecordedEvent[]> =>
      (await Array.fromAsync(store.readStream(stream))).flat(),
    inBare: async (...args: readonly string[]): Promise<string> =>
      (await git(args, { cwd: bare, accept: [0, 1, 128] })).stdout.trim(),
    close: async (): Promise<void> => {
      for (const stop of stops) await stop();
      await queue.close();
      await store.close();
      await rm(base, { recursive: true, force: true, maxRetries: 20 });
    },
  };
};

const firstCommit = async (
  base: string,
  bare: string,
  files: Readonly<Record<string, string>>,
): Promise<void> => {
  const seed = join(base, 'seed');
  await mkdir(seed);
  await git(['init', '--quiet', '--initial-branch=main', '--', seed]);
  for (const [name, content] of Object.entries(files)) await writeFile(join(seed, name), content);
  await git(['add', '--all'], { cwd: seed });
  await git(['commit', '--quiet', '--message=Begin'], { cwd: seed, identity });
  await git(['push', '--quiet', '--', bare, 'main'], { cwd: seed });
};

export const contentOf = (path: string): Promise<string> => readFile(path, 'utf8');
