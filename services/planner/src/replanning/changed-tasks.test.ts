import { describe, expect, it } from '@jest/globals';
import { isWork, type TaskDefinition } from '@partitura/shared/planning';
import { workTask } from '@partitura/shared/planning/testing';
import fc from 'fast-check';
import type { Progress } from '../run/run-facts.ts';
import { tasksProblems } from '../tasks/tasks-problems.ts';
import { changedTasks } from './changed-tasks.ts';

const task = (key: string, dependsOn: readonly string[], requirementIds: readonly string[]) =>
  workTask(key, dependsOn, { requirementIds: [...requirementIds] });
const epic = (key: string, requirementIds: readonly string[]): TaskDefinition => ({
  ...workTask(key, []),
  kind: 'epic',
  requirementIds: [...requirementIds],
});
const proposal = (
  key: string,
  dependsOn: readonly string[],
  serves: readonly string[],
  replaces: readonly string[],
) => ({
  ...task(key, dependsOn, serves),
  replaces: [...replaces],
});

const plan = [
  epic('E1', ['R2']),
  task('T1', [], ['R1']),
  { ...task('T2', ['T1'], ['R2']), parentKey: 'E1' },
  task('T3', ['T2'], ['R3']),
  task('T4', ['T2', 'T1'], ['R4']),
];
const progressOf = (...finished: readonly string[]): Map<string, Progress> =>
  new Map(plan.map(({ key }) => [key, finished.includes(key) ? 'finished' : 'open'] as const));
const change = (
  proposed: Parameters<typeof changedTasks>[0],
  changes: { added?: string[]; changed?: string[]; removed?: string[] },
  progress = progressOf('T1'),
) =>
  changedTasks(proposed, {
    number: 2,
    tasks: plan,
    progress,
    changes: { added: [], changed: [], removed: [], ...changes },
  });
const waitsFor = (tasks: readonly TaskDefinition[], key: string) =>
  tasks.find((one) => one.key === key)?.dependsOn;

describe('a plan that is changed', () => {
  it('puts what is new in the place of what it replaces, for all that waited for that', () => {
    const { tasks, dropped, added, problems } = change(
      [proposal('N1', ['T1'], ['R2'], ['T2']), proposal('N2', ['N1', 'T3'], ['R5'], [])],
      { changed: ['R2'], added: ['R5'] },
    );
    expect({ dropped, added, problems }).toEqual({ dropped: ['T2'], added: ['V2T1', 'V2T2'], problems: [] });
    expect(waitsFor(tasks, 'T3')).toEqual(['V2T1']);
    expect(waitsFor(tasks, 'T4')).toEqual(['V2T1', 'T1']);
    expect(waitsFor(tasks, 'V2T2')).toEqual(['V2T1', 'T3']);
    // The epic has lost all its work.
    expect(tasks.map(({ key }) => key)).toEqual(['T1', 'T3', 'T4', 'V2T1', 'V2T2']);
  });

  it('lets what waited for a task that is gone wait for what that one waited for', () => {
    const { tasks, dropped } = change([], { removed: ['R2', 'R3'] });
    expect(dropped).toEqual(['T2', 'T3']);
    expect(waitsFor(tasks, 'T4')).toEqual(['T1']);
  });

  it('keeps finished work, which nobody serves a changed requirement with', () => {
    const finished = progressOf('T1', 'T2');
    const { tasks, dropped, problems } = change([], { changed: ['R2'], removed: ['R1'] }, finished);
    expect(dropped).toEqual([]);
    expect(tasks.find(({ key }) => key === 'T1')?.requirementIds).toEqual([]);
    expect(problems).toMatchObject([{ code: 'REQUIREMENT_NOT_SERVED' }]);
  });

  it('says what of an answer cannot be used', () => {
    const { problems } = change([proposal('T3', [], ['R2'], ['T9'])], { changed: ['R2'] });
    expect(problems.map(({ code }) => code)).toEqual(['DUPLICATE_TASK_KEY', 'UNKNOWN_TASK']);
    // It waits for what waits for the task it replaces.
    const circle = change([proposal('N1', ['T3'], ['R2'], ['T2'])], { changed: ['R2'] });
    const ground = { requirementIds: ['R1', 'R2', 'R3', 'R4'], agentTypes: plan.map((one) => one.agentType) };
    expect(tasksProblems(circle.tasks, ground)).toMatchObject([
      { code: 'TASK_CYCLE', message: expect.stringContaining('T3 → V2T1 → T3') },
    ]);
  });

  it('takes no key that anything in the run has', () => {
    const progress = progressOf('T1').set('V2T1', 'open').set('V2T2', 'cancelled');
    const { added } = change([proposal('N1', [], ['R5'], [])], { added: ['R5'] }, progress);
    expect(added).toEqual(['V2T3']);
  });

  it('never waits for what is not there, nor loses finished work, nor makes a circle by itself', () => {
    const drawn = fc.array(
      fc.record({
        on: fc.array(fc.nat(7), { maxLength: 3 }),
        serves: fc.array(fc.nat(4), { minLength: 1, maxLength: 2 }),
        finished: fc.boolean(),
      }),
      { minLength: 1, maxLength: 8 },
    );
    const touched = fc.array(fc.constantFrom('changed' as const, 'removed' as const, 'same' as const), {
      minLength: 5,
      maxLength: 5,
    });
    fc.assert(
      fc.property(drawn, touched, (all, how) => {
        const { tasks, progress } = drawnPlan(all);
        const ids = (what: string) => how.flatMap((one, at) => (one === what ? [`R${at}`] : []));
        const changes = { added: [], changed: ids('changed'), removed: ids('removed') };
        const result = changedTasks([], { number: 1, tasks, progress, changes });
        const keys = new Set(result.tasks.map(({ key }) => key));
        const finished = [...progress].filter(([, one]) => one === 'finished').map(([key]) => key);
        expect(finished.filter((key) => !keys.has(key))).toEqual([]);
        expect(result.dropped.filter((key) => keys.has(key))).toEqual([]);
        const codes = tasksProblems(result.tasks, { requirementIds: [], agentTypes: [] }).map(
          ({ code }) => code,
        );
        expect(codes).not.toContain('TASK_CYCLE');
        expect(codes).not.toContain('DANGLING_DEPENDENCY');
        expect(result.tasks.every(isWork)).toBe(true);
      }),
    );
  });
});

interface Drawn {
  readonly on: readonly number[];
  readonly serves: readonly number[];
  readonly finished: boolean;
}

/** Finished is only what waits for nothing that is not. */
const drawnPlan = (all: readonly Drawn[]): { tasks: TaskDefinition[]; progress: Map<string, Progress> } => {
  const progress = new Map<string, Progress>();
  const tasks = all.map(({ on, serves, finished }, at) => {
    const waits = [...new Set(on)].filter((one) => one < at).map((one) => `T${one}`);
    const isDone = finished && waits.every((key) => progress.get(key) === 'finished');
    progress.set(`T${at}`, isDone ? 'finished' : 'open');
    return task(
      `T${at}`,
      waits,
      [...new Set(serves)].map((one) => `R${one}`),
    );
  });
  return { tasks, progress };
};
