import { describe, expect, it } from '@jest/globals';
import { runStory } from '@partitura/shared/http/testing';
import { given, upTo } from '../testing/fold.ts';
import { presentTask, tasks } from './tasks.ts';

const story = runStory({ tasks: 3 });
const after = async (type: string, nth = 1, id = 'r_1.T1') =>
  (await given(tasks, upTo(story, type, nth))).get(id);

describe('a task', () => {
  it.each([
    ['task.added', 2, 'ready'],
    ['task.scheduled', 1, 'scheduled'],
    ['task.started', 1, 'running'],
    ['task.attempt_failed', 1, 'pending'],
    ['task.due', 1, 'ready'],
    ['task.submitted', 1, 'in_review'],
    ['task.completed', 1, 'completed'],
  ] as const)('after %s (%d.) is as it says', async (type, nth, status) => {
    expect(await after(type, nth)).toMatchObject({ status });
  });

  it('that waits for another is pending', async () => {
    expect(await after('task.completed', 1, 'r_1.T2')).toMatchObject({
      status: 'pending',
      dependsOn: ['r_1.T1'],
      parentId: 'r_1.E1',
    });
  });

  it('keeps why its attempt failed, until it is done', async () => {
    expect(await after('task.attempt_failed')).toMatchObject({
      error: { code: 'CHECKS_FAILED' },
      attempts: 1,
    });
    expect(await after('task.completed')).toMatchObject({
      error: null,
      attempts: 2,
      agentId: 'r_1.T1.a2',
      commit: 'd'.repeat(40),
      usage: { inputTokens: 1_000, costMicroUsd: 3_000, calls: 2 },
    });
  });

  it('shows dollars', async () => {
    const task = await after('task.completed');
    expect(task && presentTask(task)).toMatchObject({ usage: { costUsd: 0.003 } });
  });

  it('counts its comments', async () => {
    expect(await after('task.commented')).toMatchObject({ comments: 1, status: 'completed' });
  });
});

describe('an epic', () => {
  it.each([
    ['task.added', 4, 'ready'],
    ['task.started', 1, 'running'],
    ['task.completed', 1, 'running'],
    ['task.completed', 3, 'completed'],
  ] as const)('after %s (%d.) stands where its tasks stand', async (type, nth, status) => {
    expect(await after(type, nth, 'r_1.E1')).toMatchObject({ status });
  });

  it('has a dead letter in it when one of its tasks is one', async () => {
    const dead = await given(tasks, runStory({ deadLetter: true }));
    expect(dead.get('r_1.E1')).toMatchObject({ status: 'dead_letter', completedAt: null });
  });

  it('sums up what its tasks cost, and is done when the last of them is', async () => {
    const all = await given(tasks, story);
    expect(all.get('r_1.E1')).toMatchObject({
      usage: { inputTokens: 2_000, costMicroUsd: 6_000, calls: 4 },
      attempts: 4,
      completedAt: all.get('r_1.T3')?.completedAt,
    });
  });
});
