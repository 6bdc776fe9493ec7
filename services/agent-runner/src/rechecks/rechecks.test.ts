import { afterEach, describe, expect, it } from '@jest/globals';
import { asRunId, createRedactor, type MergeEvent, streamName } from '@partitura/shared/events';
import { inProcessJobQueue } from '@partitura/shared/job-queue';
import { commandHandler } from '@partitura/shared/processing';
import { silentLogger, systemClock } from '@partitura/shared/runtime';
import { contents } from '../agents/contents.ts';
import type { CheckOutcome } from '../checks/index.ts';
import { mergeQueueDecider } from '../merging/queue.ts';
import { rememberedWorkspaces, world } from '../testing/world.ts';
import { recheckRequests } from './recheck-requests.ts';
import { recheckWorker } from './recheck-worker.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const outcome: CheckOutcome = {
  name: 'test',
  command: 'npm test',
  outcome: 'passed',
  exitCode: 0,
  durationMs: 5,
  passed: 3,
  failed: 0,
  output: 'ok',
};
const request = (requestId: string, taskId = 'r_test.T1') => ({
  type: 'task.checks_requested' as const,
  data: { taskId, requestId, branch: 'partitura-task/r_test.T1.a1', commit: 'c1' },
});

const open = async () => {
  const base = world({ script: () => ({ text: '' }) });
  await base.schedule();
  await base.views.start();
  closing.push(async () => {
    await base.views.stop(0);
    await base.queue.close();
    await base.store.close();
  });
  return base;
};

/** A runner of its own on the same log, with a queue of its own: what a restarted process is. */
const runner = (base: Awaited<ReturnType<typeof open>>, run: () => Promise<readonly CheckOutcome[]>) => {
  const queue = inProcessJobQueue({ clock: systemClock });
  const { workspaces, log } = rememberedWorkspaces();
  const parts = { store: base.store, queue, clock: systemClock, logger: silentLogger };
  const requests = recheckRequests(parts);
  const worker = recheckWorker({
    ...parts,
    views: base.views,
    merges: commandHandler(base.store, mergeQueueDecider),
    workspaces,
    checks: { detect: async () => [], run },
    checkTimeoutMs: 1_000,
    contents: contents(base.blobs, createRedactor()),
    sandboxOf: async () => null,
  });
  const start = async () => {
    await worker.start();
    await requests.start();
    closing.push(async () => {
      await requests.stop(0);
      await worker.stop(0);
      await queue.close();
    });
  };
  return { start, log };
};

const rechecked = async (base: Awaited<ReturnType<typeof open>>, count: number) => {
  for (;;) {
    const pages = await Array.fromAsync(base.store.readStream(streamName('merge', asRunId('r_test'))));
    const found = pages
      .flat()
      .map(({ data }) => data as Extract<MergeEvent, { type: 'merge.rechecked' }>['data']);
    if (found.length >= count) return found;
    await systemClock.sleep(2);
  }
};

describe('checks that are run again', () => {
  it('are run in a work tree of their own, which goes, and said once, whoever runs them', async () => {
    const base = await open();
    const [one, two] = [runner(base, async () => [outcome]), runner(base, async () => [outcome])];
    await one.start();
    await two.start();
    await base.appendRun([request('c_1')]);
    await rechecked(base, 1);
    await base.appendRun([request('c_2', 'r_test.T2')]);
    const found = await rechecked(base, 2);
    expect(found).toMatchObject([
      { requestId: 'c_1', taskId: 'r_test.T1', commit: 'c1', problem: null, checks: [{ outcome: 'passed' }] },
      { requestId: 'c_2', taskId: 'r_test.T2' },
    ]);
    while (!one.log.includes('release') && !two.log.includes('release')) await systemClock.sleep(2);
    expect(await rechecked(base, 2)).toHaveLength(2);
  });

  it('that were asked for before a kill are run after it, those only that nobody answered', async () => {
    const base = await open();
    await base.appendRun([
      request('c_1'),
      {
        type: 'gate.evaluated',
        data: { gate: 'checks', subject: 'r_test.T1', verdict: 'passed', findings: [] },
      },
      request('c_2', 'r_test.T2'),
    ]);
    const next = runner(base, async () => [{ ...outcome, outcome: 'failed' }]);
    await next.start();
    expect(await rechecked(base, 1)).toMatchObject([{ requestId: 'c_2', checks: [{ outcome: 'failed' }] }]);
  });
});
