import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectEventStoreDb, type EventStore } from '@partitura/shared/event-store';
import {
  type EventStoreDbServer,
  startEventStoreDbServer,
} from '@partitura/shared/event-store/eventstoredb/testing';
import {
  asRunId,
  beginning,
  type RecordedEvent,
  type RunEvent,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import { type JobQueue, openBullmqJobQueue } from '@partitura/shared/job-queue';
import { git } from '@partitura/shared/repositories';
import { randomIds, silentLogger, systemClock } from '@partitura/shared/runtime';
import { type Recorder, recorder } from '@partitura/shared/runtime/testing';
import type { NativeServer } from '../../../infra/native/program.ts';
import { startRedis } from '../../../infra/native/redis.ts';
import { configuration, task } from './testing/world.ts';
import { dataOf, typesOf } from './testing/worlds.ts';

interface Runner {
  readonly lines: Recorder<string>;
  readonly process: ChildProcess;
  /** Resolves as soon as it has said the line. */
  said(line: string): Promise<void>;
}

describe('runners in processes of their own, on a real Redis 7 and the EventStoreDB test server', () => {
  const clock = systemClock;
  const ids = randomIds();
  let base = '';
  let redis: NativeServer;
  let server: EventStoreDbServer;
  let store: EventStore;
  let queue: JobQueue;
  let eventStoreUrl = '';
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'partitura-replicas-')));
    redis = await startRedis({ directory: join(base, 'redis') });
    server = await startEventStoreDbServer();
    eventStoreUrl = `esdb://${server.address}?tls=false`;
    store = await connectEventStoreDb({ url: eventStoreUrl, clock, logger: silentLogger });
    queue = await openBullmqJobQueue({ url: redis.url, clock });
    await mkdir(join(base, 'blobs'));
    await git(['init', '--quiet', '--bare', '--initial-branch=main', '--', join(base, 'project.git')]);
  });
  afterAll(async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await queue.close();
    await store.close();
    await server.stop();
    await redis.stop();
    await rm(base, { recursive: true, force: true, maxRetries: 20 });
  });

  const startRunner = async (name: string): Promise<Runner> => {
    const program = fileURLToPath(new URL('testing/runner-process.ts', import.meta.url));
    const args = ['--disable-warning=ExperimentalWarning', program, eventStoreUrl, redis.url, base, name];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const lines = recorder<string>();
    createInterface({ input: child.stdout }).on('line', lines.add);
    const said = async (line: string): Promise<void> => {
      for (let count = 1; !lines.items.includes(line); count = lines.items.length + 1)
        await lines.reached(count);
    };
    await Promise.race([
      said('ready'),
      once(child, 'exit').then(() => {
        throw new Error(`Runner ${name} ended before it was ready.`);
      }),
    ]);
    return { lines, process: child, said };
  };

  const schedule = async (runId: string): Promise<string> => {
    const [taskId, attemptId] = [`${runId}.T1`, `${runId}.T1.a1`];
    const metadata = {
      source: '/test',
      actor: 'user:test',
      correlationId: runId,
      causationId: null,
      runId: asRunId(runId),
    };
    const repository = { url: `file://${join(base, 'project.git')}`, baseBranch: 'main' };
    const events: readonly RunEvent[] = [
      {
        type: 'run.created',
        data: {
          runId,
          projectId: 'p1',
          configuration: { ...configuration, repository, branch: `partitura/${runId}` },
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
          deadlineAt: new Date(clock.now() + 600_000).toISOString(),
        },
      },
    ];
    const recorded = events.map(({ type, data }) => ({
      id: ids.next('e'),
      type,
      data,
      version: versionOf(type),
      time: new Date(clock.now()).toISOString(),
      metadata,
    }));
    await store.append(streamName('run', runId), recorded, 'no_stream');
    await queue.enqueue('attempts', [{ id: attemptId, payload: { runId, taskId, attemptId } }]);
    return attemptId;
  };

  const finished = async (attemptId: string): Promise<RecordedEvent> => {
    const stopping = new AbortController();
    const filter = { categories: ['agent'] as const, types: ['agent.finished'] };
    for await (const { events } of store.subscribe({ after: beginning, filter, signal: stopping.signal })) {
      const found = events.find(({ stream }) => stream === `agent-${attemptId}`);
      if (found) return found;
    }
    throw new Error('The store was closed.');
  };
  const eventsOf = async (attemptId: string): Promise<RecordedEvent[]> =>
    (await Array.fromAsync(store.readStream(streamName('agent', attemptId)))).flat();
  const inProject = async (...args: readonly string[]): Promise<string> =>
    (await git(args, { cwd: join(base, 'project.git') })).stdout.trim();

  it('take over from one that was stopped in the middle, which changes nothing when it comes back', async () => {
    const zombie = await startRunner('zombie');
    const attemptId = await schedule('r_zombie');
    await zombie.said('asked act 2');
    zombie.process.kill('SIGSTOP');
    await writeFile(join(base, 'go-heir'), '');
    const heir = await startRunner('heir');
    const end = await finished(attemptId);
    expect(end.data).toMatchObject({ outcome: 'succeeded' });
    const events = await eventsOf(attemptId);
    expect(dataOf(events, 'agent.crashed')).toMatchObject([{ runner: 'zombie' }]);
    expect(dataOf(events, 'agent.resumed')).toMatchObject([{ runner: 'heir' }]);
    // Answers that were paid for are read back; only the open question was asked again.
    expect(heir.lines.items.filter((line) => line.startsWith('asked'))).toEqual([
      'asked act 2',
      'asked reflection',
      'asked criteria',
    ]);
    const branch = `partitura-task/${attemptId}`;
    const tip = await inProject('rev-parse', branch);
    expect(await inProject('show', `${branch}:hello.txt`)).toBe('hello, world');
    expect(await inProject('show', `${branch}:made.txt`)).toBe('made');

    await writeFile(join(base, 'go-zombie'), '');
    zombie.process.kill('SIGCONT');
    await zombie.said('Another runner has the attempt.');
    expect(typesOf(await eventsOf(attemptId))).toEqual(typesOf(events));
    expect(await inProject('rev-parse', branch)).toBe(tip);
    for (const { process: child } of [zombie, heir]) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });

  it('goes on with the attempt when the log and the queue were away for longer than a lock lasts', async () => {
    const runner = await startRunner('patient');
    const attemptId = await schedule('r_patient');
    await runner.said('asked act 2');
    await server.stop();
    process.kill(redis.processId, 'SIGSTOP');
    await writeFile(join(base, 'go-patient'), '');
    await clock.sleep(12_000);
    process.kill(redis.processId, 'SIGCONT');
    await server.start();
    const end = await finished(attemptId);
    expect(end.data).toMatchObject({ outcome: 'succeeded' });
    const events = await eventsOf(attemptId);
    expect(dataOf(events, 'agent.released')).not.toContainEqual(
      expect.objectContaining({ reason: 'failed' }),
    );
    const asked = runner.lines.items.filter((line) => line.startsWith('asked'));
    expect(asked).toEqual([...new Set(asked)]);
  });
});
