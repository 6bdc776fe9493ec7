import { describe, expect, it } from '@jest/globals';
import type { TaskResource } from '@partitura/shared/http';
import { exampleState } from '../../testing/shown-run.ts';
import { taskChanges } from './task-changes.ts';

const [example] = exampleState().tasks;
if (!example) throw new Error('The example of a state has no task.');
const begun: TaskResource = { ...example, key: 'T4', title: 'Redirect short links', status: 'running' };
const waiting: TaskResource = { ...begun, status: 'pending', attempts: 0, agentId: null };
const done: TaskResource = { ...begun, status: 'completed', commit: 'abcdef0123456789' };
const error = { code: 'CHECKS_FAILED', message: 'Two tests of five fail.' };

/** The sentences without what they all begin with. */
const told = (was: TaskResource | null, is: TaskResource): readonly (readonly [string, string])[] =>
  taskChanges(was === null ? [] : [was], [is]).map(({ change, sentence }) => {
    expect(sentence.startsWith('T4 “Redirect short links” ')).toBe(true);
    return [change, sentence.slice('T4 “Redirect short links” '.length)];
  });

describe('of a task', () => {
  it.each(['pending', 'ready', 'running', 'completed', 'dead_letter', 'cancelled'] as const)(
    'that was %s and is, nothing is told',
    (status) => {
      expect(told({ ...begun, status }, { ...begun, status, comments: 3 })).toEqual([]);
    },
  );

  it('that an agent has at last, it is not told twice that it was begun', () => {
    expect(told({ ...begun, status: 'scheduled' }, begun)).toEqual([]);
  });

  it.each<readonly [string, TaskResource, TaskResource, string, string]>([
    ['can be begun', waiting, { ...waiting, status: 'ready' }, 'ready', 'can be begun.'],
    ['begun', waiting, begun, 'begun', 'was begun.'],
    ['handed in', begun, { ...begun, status: 'in_review' }, 'submitted', 'was handed in.'],
    ['completed', begun, done, 'completed', 'was completed with abcdef012345.'],
    ['completed without code', begun, { ...done, commit: null }, 'completed', 'was completed.'],
    ['failed', begun, { ...begun, status: 'failed', error }, 'failed', 'failed: Two tests of five fail.'],
    ['failed in silence', begun, { ...begun, status: 'failed', error: null }, 'failed', 'failed.'],
    [
      'in the dead letters',
      begun,
      { ...begun, status: 'dead_letter', error, attempts: 3 },
      'dead_lettered',
      'is in the dead letters, after 3 attempts: Two tests of five fail.',
    ],
    ['blocked', waiting, { ...waiting, status: 'blocked' }, 'blocked', 'is blocked by another task.'],
    ['unblocked', { ...waiting, status: 'blocked' }, waiting, 'unblocked', 'is blocked no longer.'],
    ['cancelled', begun, { ...begun, status: 'cancelled' }, 'cancelled', 'was cancelled.'],
    ['waits for another attempt', begun, { ...begun, status: 'pending' }, 'waiting', 'waits.'],
    ['tried again', begun, { ...begun, attempts: 2 }, 'tried_again', 'was tried again, in attempt 2.'],
    [
      'waits once more after another attempt',
      { ...begun, status: 'pending' },
      { ...begun, status: 'pending', attempts: 2 },
      'tried_again',
      'was tried again, in attempt 2.',
    ],
    [
      'completed when it was tried before',
      begun,
      { ...done, attempts: 2 },
      'completed',
      'was completed with abcdef012345, in attempt 2.',
    ],
    [
      'taken up again although it was completed',
      done,
      { ...waiting, status: 'ready', attempts: 1 },
      'ready',
      'can be begun.',
    ],
    [
      'completed, taken up again and completed with other work',
      done,
      { ...done, commit: '0123456789abcdef', attempts: 2 },
      'completed',
      'was completed with 0123456789ab, in attempt 2.',
    ],
  ])('that is %s', (_, was, is, change, sentence) => {
    expect(told(was, is)).toEqual([[change, sentence]]);
  });

  it('that is new and waits for its turn, only that is told', () => {
    expect(told(null, waiting)).toEqual([['added', 'was added.']]);
    expect(told(null, { ...waiting, status: 'ready' })).toEqual([['added', 'was added.']]);
  });

  it('that was added and completed in between, both is told', () => {
    expect(told(null, done)).toEqual([
      ['added', 'was added.'],
      ['completed', 'was completed with abcdef012345.'],
    ]);
    expect(taskChanges([], [done]).map(({ before }) => before)).toEqual([null, null]);
  });

  it('whose plan was changed, it is told that it waits for others', () => {
    const dependsOn = ['r_1.T9'];
    expect(told(waiting, { ...waiting, dependsOn })).toEqual([
      ['rewired', 'waits for other tasks than before.'],
    ]);
    expect(told(waiting, { ...begun, dependsOn }).map(([change]) => change)).toEqual(['begun', 'rewired']);
  });

  it('that only groups others, what they went through is not told as its own', () => {
    const epic = { ...begun, kind: 'epic', attempts: 3 };
    const handedIn: TaskResource = { ...epic, status: 'in_review', attempts: 5 };
    expect(told(epic, { ...epic, attempts: 5 })).toEqual([]);
    expect(told(epic, handedIn)).toEqual([]);
    expect(told(handedIn, epic)).toEqual([]);
    expect(told(epic, { ...done, kind: 'epic', commit: null, attempts: 5 })).toEqual([
      ['completed', 'was completed.'],
    ]);
  });

  it('only what differs is shown as it was and is', () => {
    const [change] = taskChanges([begun], [done]);
    expect(change).toMatchObject({ subject: 'task', id: done.id, position: done.position });
    expect(change?.before).toEqual({ status: 'running', commit: null });
    expect(change?.after).toEqual({ status: 'completed', commit: 'abcdef0123456789' });
  });
});

it('names a task by a line of its title, however long that is', () => {
  const [change] = taskChanges([], [{ ...waiting, title: 'x'.repeat(500) }]);
  expect(change?.sentence).toBe(`T4 “${'x'.repeat(79)}…” was added.`);
});

it('tells of several tasks in the order they have, each against itself', () => {
  const other = { ...waiting, id: 'r_1.T5', key: 'T5' };
  const changes = taskChanges([other, begun], [done, other, { ...other, id: 'r_1.T6', key: 'T6' }]);
  expect(changes.map(({ id, change }) => [id, change])).toEqual([
    [done.id, 'completed'],
    ['r_1.T6', 'added'],
  ]);
});
