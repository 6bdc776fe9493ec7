import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { streamName } from '@partitura/shared/events';
import type { Delivery } from '@partitura/shared/job-queue';
import { goodScript, scriptedModel } from '../testing/scripted-model.ts';
import { runBranch, runId, twoRunners } from '../testing/two-runners.ts';
import { dataOf, typesOf } from '../testing/worlds.ts';

type Runners = Awaited<ReturnType<typeof twoRunners>>;
const opened: Runners[] = [];
const open = async (files?: Readonly<Record<string, string>>): Promise<Runners> => {
  const runners = await twoRunners(files);
  opened.push(runners);
  return runners;
};
afterEach(async () => {
  for (const runners of opened.splice(0)) await runners.close();
});

const idle = scriptedModel(goodScript([])).model;
const stream = streamName('merge', runId);

/** Checks that begin by saying so, and end when the gate is opened. */
const gatedChecks = async () => {
  const gates = await twoRunners();
  opened.push(gates);
  const begun = join(gates.base, 'begun');
  const gate = join(gates.base, 'gate');
  const test = `echo x >> ${begun}; while [ ! -e ${gate} ]; do sleep 0.05; done`;
  const files = { 'package.json': JSON.stringify({ scripts: { test } }), 'package-lock.json': '{}' };
  const { readFile } = await import('node:fs/promises');
  return {
    files,
    open: () => writeFile(gate, ''),
    begun: async (times: number): Promise<void> => {
      while ((await readFile(begun, 'utf8').catch(() => '')).split('x').length - 1 < times)
        await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
};

const deliveryOf = (runners: Runners, key: string): Delivery<unknown> => ({
  id: runners.jobOf(key).attemptId,
  payload: runners.jobOf(key),
  delivery: 2,
  stalled: true,
  signal: new AbortController().signal,
});

const mergesOnBranch = async (runners: Runners): Promise<string[]> =>
  (await runners.inBare('log', '--first-parent', '--merges', '--reverse', '--format=%H', runBranch))
    .split('\n')
    .filter((line) => line !== '');

describe('two runners that merge into one run’s branch', () => {
  it('merge one after the other, in the log in the order of the branch, and reject nothing', async () => {
    const runners = await open();
    await runners.begin();
    const keys = ['T1', 'T2', 'T3', 'T4', 'T5', 'T6'];
    await runners.start('one', idle);
    await runners.start('two', idle);
    for (const key of keys) await runners.finish(key);
    const done = await runners.found('merge.completed', keys.length);
    expect(done.map(({ data }) => (data as { commit: string }).commit)).toEqual(
      await mergesOnBranch(runners),
    );
    const events = await runners.streamOf(stream);
    const turns = typesOf(events).filter((type) => type !== 'merge.queued');
    expect(turns).toEqual(keys.flatMap(() => ['merge.started', 'merge.completed']));
    expect(
      new Set(dataOf(events, 'merge.started').map((data) => (data as { runner: string }).runner)),
    ).toEqual(new Set(['one', 'two']));
  });

  it('let a branch wait for as long as the checks of another take, without a try of its own', async () => {
    const checks = await gatedChecks();
    const runners = await open(checks.files);
    await runners.begin();
    const one = await runners.start('one', idle);
    await runners.finish('T1');
    await checks.begun(1);
    await runners.start('two', idle);
    await runners.finish('T2');
    await runners.found('merge.queued', 2);
    while ((await runners.queue.counts('merges')).active < 2)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(typesOf(await runners.streamOf(stream))).toEqual([
      'merge.queued',
      'merge.started',
      'merge.queued',
    ]);
    await checks.open();
    await runners.found('merge.completed', 2);
    expect(typesOf(await runners.streamOf(stream))).not.toContain('merge.interrupted');
    expect((await runners.queue.counts('merges')).delayed).toBe(0);
    await one.stop();
  });

  it('take a merge over from one that was taken for dead, which then pushes nothing and says nothing', async () => {
    const checks = await gatedChecks();
    const runners = await open(checks.files);
    await runners.begin();
    await runners.start('one', idle);
    await runners.finish('T1');
    await checks.begun(1);
    const two = await runners.start('two', idle);
    const takenOver = two.handlers.get('merges')?.(deliveryOf(runners, 'T1'));
    await checks.begun(2);
    await checks.open();
    await takenOver;
    while ((await runners.queue.counts('merges')).active > 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const events = await runners.streamOf(stream);
    expect(typesOf(events)).toEqual(['merge.queued', 'merge.started', 'merge.started', 'merge.completed']);
    expect(dataOf(events, 'merge.started')).toMatchObject([{ runner: 'one' }, { runner: 'two' }]);
    expect(dataOf(events, 'merge.completed')).toMatchObject([{ commit: (await mergesOnBranch(runners))[0] }]);
    expect(await mergesOnBranch(runners)).toHaveLength(1);
  });

  it('leave no work tree behind on the machine that did not merge', async () => {
    const runners = await open();
    await runners.begin();
    await runners.schedule('T1');
    const script = goodScript([
      { tools: [{ tool: 'write_file', arguments: { path: 'a.txt', content: 'a' } }] },
    ]);
    const one = await runners.start('one', scriptedModel(script).model);
    await runners.offer('T1');
    await runners.found('agent.finished', 1);
    const two = await runners.start('two', idle);
    // So that it is not the first one that merges.
    runners.loseJobsOf('merges');
    await runners.submit('T1');
    await runners.found('merge.queued', 1);
    await two.handlers.get('merges')?.(deliveryOf(runners, 'T1'));
    const left = () => readdir(join(one.worktree('x'), '..'));
    while ((await left()).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    while ((await runners.inBare('branch', '--format=%(refname:short)')).includes('partitura-task'))
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await runners.inBare('branch', '--format=%(refname:short)')).split('\n').sort()).toEqual([
      'main',
      runBranch,
    ]);
  });
});
