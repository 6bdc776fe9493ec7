import { describe, expect, it } from '@jest/globals';
import { streamName } from '@partitura/shared/events';
import { type Happening, runStory } from '@partitura/shared/http/testing';
import { given, upTo } from '../testing/fold.ts';
import { presentRun } from './present-run.ts';
import { runs } from './runs.ts';

const story = runStory({ tasks: 3 });
const shown = async (happenings: readonly Happening[]) => {
  const run = (await given(runs, happenings)).get('r_1');
  return run && presentRun(run, null);
};
const run = (event: Happening['event']): Happening => ({
  stream: streamName('run', 'r_1'),
  event,
  projectId: 'p_1',
  runId: 'r_1',
});

describe('a run', () => {
  it('begins queued, named after its PRD', async () => {
    expect(await shown(upTo(story, 'run.created'))).toMatchObject({
      status: 'queued',
      projectName: 'A link shortener',
      startedAt: null,
      budget: { usd: 5 },
      rehearsal: true,
    });
  });

  it('counts only what agents work on', async () => {
    expect((await shown(upTo(story, 'task.added', 4)))?.tasks).toEqual({
      total: 3,
      pending: 3,
      running: 0,
      completed: 0,
      failed: 0,
      deadLettered: 0,
    });
  });

  it.each([
    ['task.started', 1, { pending: 2, running: 1 }],
    ['task.attempt_failed', 1, { pending: 3, running: 0 }],
    ['task.submitted', 1, { running: 1, completed: 0 }],
    ['task.completed', 2, { completed: 2, pending: 1 }],
  ] as const)('after %s (%d.) counts again', async (type, nth, counts) => {
    expect((await shown(upTo(story, type, nth)))?.tasks).toMatchObject(counts);
  });

  it('meets a requirement when all that serves it is done', async () => {
    expect(await shown(upTo(story, 'task.completed', 2))).toMatchObject({
      requirements: 3,
      requirementsMet: 2,
    });
  });

  it('says what waits for people', async () => {
    expect(await shown(upTo(story, 'approval.requested'))).toMatchObject({ pendingApprovals: 1 });
    expect(await shown(upTo(story, 'approval.granted'))).toMatchObject({ pendingApprovals: 0 });
  });

  it('sums up what its calls cost, in dollars', async () => {
    expect((await shown(story))?.usage).toEqual({
      inputTokens: 3_000,
      outputTokens: 300,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      costUsd: 0.009,
      calls: 5,
    });
  });

  it('ends with its commit', async () => {
    expect(await shown(story)).toMatchObject({
      status: 'completed',
      commit: 'd'.repeat(40),
      branch: 'partitura/r_1',
      agents: 4,
      phase: 'executor',
    });
  });

  const usage = {
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costMicroUsd: 0,
    calls: 0,
  };
  it.each<readonly [Happening['event'], object]>([
    [
      { type: 'run.paused', data: { reason: 'operator', detail: '' } },
      { status: 'paused', statusDetail: 'operator' },
    ],
    [
      { type: 'run.paused', data: { reason: 'budget', detail: 'No room.' } },
      { status: 'paused', statusDetail: 'No room.' },
    ],
    [
      { type: 'run.cancelled', data: { reason: 'Enough.', usage } },
      { status: 'cancelled', statusDetail: 'Enough.' },
    ],
    [{ type: 'run.stopped', data: { by: 'budget', detail: 'Spent.', usage } }, { status: 'stopped_budget' }],
    [{ type: 'run.stopped', data: { by: 'policy', detail: 'No.', usage } }, { status: 'stopped_policy' }],
    [
      { type: 'run.failed', data: { problem: { code: 'X', message: 'Why.' }, usage } },
      { status: 'failed', statusDetail: 'Why.' },
    ],
  ])('after %j', async (event, expected) => {
    const before = upTo(story, 'run.started');
    expect(await shown([...before, run(event)])).toMatchObject(expected);
    expect(await shown([...before, run(event), run({ type: 'run.resumed', data: {} })])).toMatchObject({
      status: 'running',
      statusDetail: null,
      endedAt: null,
    });
  });

  it('has the revision of its own stream', async () => {
    const own = story.filter(({ stream }) => stream === 'run-r_1').length;
    expect(await shown(story)).toMatchObject({ revision: own - 1 });
  });

  it('counts a task that is called like something every object has', async () => {
    const added = upTo(story, 'task.added', 2).at(-1)?.event;
    if (added?.type !== 'task.added') throw new Error('The story has no task.');
    const odd = ['constructor', 'toString', '__proto__'].map((key) =>
      run({ ...added, data: { ...added.data, taskId: `r_1.${key}` } }),
    );
    expect((await shown([...upTo(story, 'run.started'), ...odd]))?.tasks).toMatchObject({
      total: 3,
      pending: 3,
    });
  });
});
