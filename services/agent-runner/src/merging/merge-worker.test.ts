import { mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import { inProcessEventBus, memoryCheckpoints } from '@partitura/shared/event-bus';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import {
  type AgentEvent,
  asPosition,
  type CheckResult,
  createRedactor,
  noUsage,
  type RecordedEvent,
  type RunEvent,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import { inProcessJobQueue } from '@partitura/shared/job-queue';
import { commandHandler } from '@partitura/shared/processing';
import { createRepository, git } from '@partitura/shared/repositories';
import { randomIds, silentLogger, systemClock } from '@partitura/shared/runtime';
import { contents } from '../agents/contents.ts';
import type { CheckOutcome, ProjectChecks } from '../checks/index.ts';
import { runViews } from '../runs/run-views.ts';
import { configuration, task } from '../testing/world.ts';
import { workspaces } from '../workspaces/index.ts';
import { bringTogether, markersLeft } from './bring-together.ts';
import { branchMerging } from './git-merge.ts';
import type { BranchMerging } from './git-merge-port.ts';
import { mergeClaims } from './merge-claims.ts';
import { mergeSweep } from './merge-sweep.ts';
import { mergeWorker } from './merge-worker.ts';
import { mergeQueueDecider } from './queue.ts';
import { submissions } from './submissions.ts';
import { turns } from './turns.ts';

const identity = { name: 'Partitura', email: 'partitura@localhost' };
const { signal } = new AbortController();
const runId = 'r1';
const runBranch = 'partitura/r1';
const passing: CheckOutcome = {
  name: 'test',
  command: 'npm test',
  outcome: 'passed',
  exitCode: 0,
  durationMs: 1,
  passed: 1,
  failed: 0,
  output: 'fine',
};

let base = '';
let project = '';
let store: EventStore;
const opened: (() => Promise<void>)[] = [];

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'partitura-merges-')));
  project = join(base, 'project');
  await createRepository(project, { files: { 'README.md': 'one\n' }, message: 'Begin', identity });
  store = openSqliteEventStore({ path: ':memory:' });
});
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
  await store.close();
  // A work tree may still be on its way out.
  await rm(base, { recursive: true, force: true, maxRetries: 20 });
});

const appendRun = async (events: readonly RunEvent[]): Promise<void> => {
  const ids = randomIds();
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

const begin = () =>
  appendRun([
    {
      type: 'run.created',
      data: {
        runId,
        projectId: 'p1',
        configuration: {
          ...configuration,
          repository: { url: project, baseBranch: 'main' },
          branch: runBranch,
        },
      },
    },
    { type: 'run.started', data: { wallDeadlineAt: null } },
  ]);

/** A finished branch of a task, pushed, and submitted. */
const submit = async (key: string, file: string, content: string) => {
  const spaces = workspaces({ dataDirectory: join(base, 'data') });
  const repository = await spaces.openProjectRepository('p1', project, signal);
  await spaces.createRunBranch(repository, { runBranch, baseBranch: 'main' }, signal);
  const [taskId, attemptId] = [`r1.${key}`, `r1.${key}.a1`];
  const branch = `partitura-task/${attemptId}`;
  const worktree = await spaces.openWorktree(repository, { attemptId, branch, from: runBranch }, signal);
  await writeFile(join(worktree.path, file), content);
  const made = await spaces.checkpoint(
    worktree,
    { message: key, identity, since: worktree.baseCommit },
    signal,
  );
  await spaces.pushBranch(repository, branch, signal);
  const commit = made?.commit ?? '';
  const definition = { ...task, key };
  await appendRun([
    { type: 'task.added', data: { taskId, phase: 'executor', definition, pathTokens: 1, conflict: null } },
    {
      type: 'task.submitted',
      data: { taskId, attemptId, branch, commit, usage: noUsage, requirementIds: [], findings: [] },
    },
  ]);
  return { worktree, branch, commit, attemptId };
};

const appendVerified = async (attemptId: string, commit: string, checks: readonly CheckResult[]) => {
  const events: readonly AgentEvent[] = [
    { type: 'agent.checkpoint_committed', data: { commit, filesChanged: 1, insertions: 1, deletions: 0 } },
    { type: 'agent.verified', data: { cycle: 1, passed: true, checks: [...checks], criteria: [] } },
  ];
  const recorded = events.map((event) => ({
    ...event,
    id: `${attemptId} ${event.type}`,
    version: versionOf(event.type),
    time: new Date().toISOString(),
    metadata: { source: '/test', actor: 'agent:test', correlationId: runId, causationId: null },
  }));
  await store.append(streamName('agent', attemptId), recorded, 'any');
};

const runner = async (
  options: { checks?: ProjectChecks['run']; merging?: (real: BranchMerging) => BranchMerging } = {},
) => {
  const clock = systemClock;
  const blobs = memoryBlobStore();
  const queue = inProcessJobQueue({ clock });
  const bus = inProcessEventBus({ store, checkpoints: memoryCheckpoints(), clock });
  const views = runViews({ store, blobs, clock, logger: silentLogger });
  const spaces = workspaces({ dataDirectory: join(base, 'data') });
  const merges = commandHandler(store, mergeQueueDecider);
  const real = branchMerging(spaces.internals);
  const claims = mergeClaims({ merges, clock, ids: randomIds(), runner: 'runner-1' });
  const mergeTurns = turns({ store, clock, logger: silentLogger });
  const worker = mergeWorker({
    store,
    queue,
    views,
    claims,
    turns: mergeTurns,
    logger: silentLogger,
    contents: contents(blobs, createRedactor()),
    workspaces: spaces,
    merging: options.merging?.(real) ?? real,
    checks: { detect: async () => [], run: options.checks ?? (async () => [passing]) },
    checkTimeoutMs: 1_000,
    identity,
    sandboxOf: async () => null,
    concurrency: 2,
  });
  const submitted = submissions({
    store,
    bus,
    queue,
    clock,
    logger: silentLogger,
    merges,
    makeBranch: async () => undefined,
  });
  const components = [
    views,
    mergeTurns,
    worker,
    mergeSweep({ store, queue, clock, logger: silentLogger }),
    submitted,
  ];
  for (const component of components) await component.start();
  let open = true;
  const stop = async (): Promise<void> => {
    if (!open) return;
    open = false;
    for (const component of components.toReversed()) await component.stop(0);
    await bus.close();
    await queue.close();
  };
  opened.push(stop);
  return { stop };
};

const settled = async (count: number): Promise<RecordedEvent[]> => {
  const types = ['merge.completed', 'merge.conflicted', 'merge.rejected'];
  const found: RecordedEvent[] = [];
  const after = asPosition('');
  for await (const page of store.subscribe({ after, filter: { categories: ['merge'], types }, signal })) {
    found.push(...page.events);
    if (found.length >= count) break;
  }
  return found;
};

const gone = (path: string): Promise<boolean> =>
  stat(path).then(
    () => false,
    () => true,
  );
const branches = async (): Promise<string[]> => {
  const { stdout } = await git(['for-each-ref', '--format=%(refname:short)', 'refs/heads'], { cwd: project });
  return stdout.trim().split('\n');
};
const logOf = async (format: string): Promise<string[]> => {
  const { stdout } = await git(['log', '--first-parent', `--format=${format}`, runBranch], { cwd: project });
  return stdout.split('\n').filter((line) => line !== '');
};

describe('the merge queue', () => {
  it('merges branches one after the other, names task and requirements, and removes their work trees', async () => {
    await begin();
    const first = await submit('T1', 'a.txt', 'a\n');
    const second = await submit('T2', 'b.txt', 'b\n');
    await runner();
    const outcomes = await settled(2);
    expect(outcomes.map(({ type }) => type)).toEqual(['merge.completed', 'merge.completed']);
    expect(outcomes[0]?.data).toMatchObject({ checks: [{ name: 'test', outcome: 'passed' }] });
    expect(await logOf('%s')).toEqual(['Merge T2: Say hello', 'Merge T1: Say hello', 'Begin']);
    expect(await logOf('%(trailers:key=Partitura-Requirements,valueonly)')).toEqual(['R1', 'R1']);
    expect(await logOf('%(trailers:key=Partitura-Attempt,valueonly)')).toEqual([
      second.attemptId,
      first.attemptId,
    ]);
    expect(outcomes[1]?.data).toMatchObject({ commit: (await logOf('%H'))[0] });
    for (const { worktree } of [first, second]) {
      for (let tries = 0; tries < 200 && !(await gone(worktree.path)); tries += 1)
        await systemClock.sleep(10);
      expect(await gone(worktree.path)).toBe(true);
    }
  });

  it('takes the attempt’s checks over for the very files that they passed on, and leaves no branch behind', async () => {
    await begin();
    const first = await submit('T1', 'a.txt', 'a\n');
    const second = await submit('T2', 'b.txt', 'b\n');
    const checks = [{ ...passing, output: null, passed: 7 }];
    for (const { attemptId, commit } of [first, second]) await appendVerified(attemptId, commit, checks);
    let ran = 0;
    await runner({
      checks: async () => {
        ran += 1;
        return [passing];
      },
    });
    const outcomes = await settled(2);
    expect(outcomes[0]?.data).toMatchObject({ checks: [{ passed: 7 }], checkedBy: 'attempt' });
    // The second branch meets what the first one brought: that together is new.
    expect(outcomes[1]?.data).toMatchObject({ checks: [{ passed: 1 }], checkedBy: 'merge' });
    expect(ran).toBe(1);
    for (let tries = 0; tries < 500 && (await branches()).length > 2; tries += 1) await systemClock.sleep(10);
    expect((await branches()).sort()).toEqual(['main', runBranch]);
  });

  it('runs the checks where the attempt had files that it did not commit', async () => {
    await begin();
    const { worktree, attemptId, commit } = await submit('T1', '.gitignore', 'made.txt\n');
    await writeFile(join(worktree.path, 'made.txt'), 'by the attempt only');
    await appendVerified(attemptId, commit, [{ ...passing, output: null }]);
    await runner();
    const [outcome] = await settled(1);
    expect(outcome?.data).toMatchObject({ checkedBy: 'merge' });
  });

  it('leaves the run’s branch and the work tree alone when they conflict, and the agent finds the markers', async () => {
    await begin();
    await submit('T1', 'README.md', 'two\n');
    const other = await submit('T2', 'README.md', 'three\n');
    await runner();
    const outcomes = await settled(2);
    expect(outcomes.map(({ type }) => type)).toEqual(['merge.completed', 'merge.conflicted']);
    expect(outcomes[1]?.data).toMatchObject({ files: ['README.md'], branch: other.branch });
    expect(await readFile(join(other.worktree.path, 'README.md'), 'utf8')).toBe('three\n');

    const spaces = workspaces({ dataDirectory: join(base, 'data') });
    const repository = await spaces.openProjectRepository('p1', project, signal);
    const attempt = { attemptId: 'r1.C3.a1', branch: 'partitura-task/r1.C3.a1', from: runBranch };
    const tree = await spaces.openWorktree(repository, attempt, signal);
    const conflict = { branch: other.branch, commit: other.commit, files: ['README.md'] };
    await bringTogether(tree, conflict, identity, signal);
    await bringTogether(tree, conflict, identity, signal);
    expect(await readFile(join(tree.path, 'README.md'), 'utf8')).toMatch(/<{7} HEAD\ntwo\n[\s\S]*>{7} /);
    expect(await markersLeft(tree, conflict.files)).toMatchObject({ outcome: 'failed' });
    await writeFile(join(tree.path, 'README.md'), 'two and three\n');
    expect(await markersLeft(tree, conflict.files)).toMatchObject({ outcome: 'passed' });
    const made = await spaces.checkpoint(tree, { message: 'C3', identity, since: tree.baseCommit }, signal);
    await spaces.pushBranch(repository, attempt.branch, signal);
    await bringTogether(tree, conflict, identity, signal);
    const { stdout } = await git(['rev-list', '--parents', '-1', made?.commit ?? ''], { cwd: project });
    expect(stdout.trim().split(' ')[2]).toBe(other.commit);
  });

  it('rejects what breaks the checks, with what they said, and the run’s branch stays as it was', async () => {
    await begin();
    await submit('T1', 'a.txt', 'a\n');
    await runner({
      checks: async () => [{ ...passing, outcome: 'failed', exitCode: 1, output: '1 test failed' }],
    });
    const [outcome] = await settled(1);
    expect(outcome?.type).toBe('merge.rejected');
    expect(outcome?.data).toMatchObject({
      problem: { code: 'CHECKS_FAILED_AFTER_MERGE', message: expect.stringContaining('1 test failed') },
    });
    expect(await logOf('%s')).toEqual(['Begin']);
  });

  const crashPoints: Record<string, (real: BranchMerging, crash: () => never) => BranchMerging> = {
    'before the merge': (real, crash) => ({ ...real, mergeBranch: async () => crash() }),
    'after the merge': (real, crash) => ({
      ...real,
      mergeBranch: async (request, abort) => {
        await real.mergeBranch(request, abort);
        return crash();
      },
    }),
    'before the push': (real, crash) => ({ ...real, accept: async () => crash() }),
    'after the push': (real, crash) => ({
      ...real,
      accept: async (request, merge, abort) => {
        await real.accept(request, merge, abort);
        return crash();
      },
    }),
  };
  for (const [point, crashing] of Object.entries(crashPoints)) {
    it(`merges exactly once when it crashes ${point}`, async () => {
      await begin();
      await submit('T1', 'a.txt', 'a\n');
      await submit('T2', 'b.txt', 'b\n');
      let crashed: () => void = () => undefined;
      const crash = new Promise<void>((resolve) => {
        crashed = resolve;
      });
      const first = await runner({
        merging: (real) =>
          crashing(real, () => {
            crashed();
            throw new Error('killed');
          }),
      });
      await crash;
      await first.stop();
      await runner();
      expect((await settled(2)).map(({ type }) => type)).toEqual(['merge.completed', 'merge.completed']);
      expect((await logOf('%s')).filter((line) => line.startsWith('Merge T1'))).toHaveLength(1);
      expect((await logOf('%s')).filter((line) => line.startsWith('Merge T2'))).toHaveLength(1);
    });
  }

  it('tries again when git or its host is away, and loses nothing', async () => {
    await begin();
    await submit('T1', 'a.txt', 'a\n');
    let tries = 0;
    await runner({
      merging: (real) => ({
        ...real,
        mergeBranch: (request, abort) => {
          tries += 1;
          if (tries === 1) throw new Error('The host is away.');
          return real.mergeBranch(request, abort);
        },
      }),
    });
    const [outcome] = await settled(1);
    expect(outcome?.type).toBe('merge.completed');
    expect(tries).toBe(2);
  });
});
