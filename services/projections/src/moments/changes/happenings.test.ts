import { expect, it } from '@jest/globals';
import {
  asRunId,
  attemptIdOf,
  type MergeEvent,
  type RunEvent,
  streamName,
  taskIdOf,
} from '@partitura/shared/events';
import { recorded } from '@partitura/shared/http/testing';
import { happeningOf, happeningTypes } from './happenings.ts';

const taskId = taskIdOf(asRunId('r_1'), 'T4');
const attempt = { taskId, attemptId: attemptIdOf(taskId, 1) };
const commit = 'abcdef0123456789abcdef0123456789abcdef01';
const branch = 'partitura-task/r_1.T4.a1';

const told = (event: RunEvent | MergeEvent) =>
  recorded([{ stream: streamName('run', 'r_1'), event, projectId: 'p_1', runId: 'r_1' }]).flatMap(
    happeningOf,
  );

const entered = (visit: number): RunEvent => ({
  type: 'phase.entered',
  data: { phase: 'build', visit, act: 'tasks', reservation: null },
});
const rejected = (message: string): MergeEvent => ({
  type: 'merge.rejected',
  data: { ...attempt, branch, checks: [], problem: { code: 'CHECKS_FAILED', message } },
});

it.each<readonly [RunEvent | MergeEvent, string, string, string]>([
  [entered(1), 'build', 'entered', 'Phase build was entered.'],
  [entered(2), 'build', 'entered', 'Phase build was entered again, in visit 2.'],
  [
    { type: 'phase.completed', data: { phase: 'build', visit: 1 } },
    'build',
    'completed',
    'Phase build was completed.',
  ],
  [
    { type: 'merge.completed', data: { ...attempt, commit, checks: [] } },
    commit,
    'merged',
    'T4 was merged: abcdef012345.',
  ],
  [
    { type: 'merge.conflicted', data: { ...attempt, branch, files: ['a.ts', 'src/b.ts'] } },
    'r_1.T4.a1',
    'conflicted',
    "T4 conflicted with the run's branch in a.ts, src/b.ts.",
  ],
  [rejected('Two tests fail.'), 'r_1.T4.a1', 'rejected', 'T4 was not merged: Two tests fail.'],
  [rejected('npm test: exit code 1'), 'r_1.T4.a1', 'rejected', 'T4 was not merged: npm test: exit code 1.'],
])('tells what happened on the way: $type', (event, id, change, sentence) => {
  expect(happeningTypes).toContain(event.type);
  expect(told(event)).toEqual([
    expect.objectContaining({ id, change, sentence, before: null, position: '0000000000000001' }),
  ]);
});

it('leaves to the states what stands in them', () => {
  expect(told({ type: 'task.cancelled', data: { taskId, reason: 'Enough.' } })).toEqual([]);
});
