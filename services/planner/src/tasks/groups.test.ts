import { describe, expect, it } from '@jest/globals';
import { isWork, type TaskDefinition, topologicalLayers } from '@partitura/shared/planning';
import { acyclicPlan, workTask } from '@partitura/shared/planning/testing';
import fc from 'fast-check';
import { resolveGroups } from './groups.ts';
import { tasksProblems } from './tasks-problems.ts';

const epic = (key: string, dependsOn: string[] = []): TaskDefinition =>
  workTask(key, dependsOn, { kind: 'epic', requirementIds: [] });
const dependencies = (tasks: readonly TaskDefinition[]): Record<string, string[]> =>
  Object.fromEntries(resolveGroups(tasks).map(({ key, dependsOn }) => [key, dependsOn]));

describe('resolveGroups', () => {
  it('makes a dependency on a group one on what is last in it', () => {
    const tasks = [
      epic('E1'),
      workTask('T1', [], { parentKey: 'E1' }),
      workTask('T2', ['T1'], { parentKey: 'E1' }),
      workTask('T3', ['E1']),
    ];
    expect(dependencies(tasks)).toEqual({ E1: [], T1: [], T2: ['T1'], T3: ['T2'] });
  });

  it('gives what a group waits for to what is first in it', () => {
    const tasks = [
      workTask('T1'),
      epic('E1', ['T1']),
      workTask('T2', [], { parentKey: 'E1' }),
      workTask('T3', ['T2'], { parentKey: 'E1' }),
    ];
    expect(dependencies(tasks)).toEqual({ T1: [], E1: [], T2: ['T1'], T3: ['T2'] });
  });

  it('lets a task wait for its subtasks, unless they wait for it', () => {
    const part = (key: string, on: string[]) => workTask(key, on, { kind: 'subtask', parentKey: 'T1' });
    expect(dependencies([workTask('T1'), part('T2', []), part('T3', ['T1'])])).toEqual({
      T1: ['T2'],
      T2: [],
      T3: ['T1'],
    });
  });

  it('puts each task after what it waits for, and each group before what is in it', () => {
    const tasks = [workTask('T2', ['T1'], { parentKey: 'E1' }), workTask('T1'), epic('E1')];
    expect(resolveGroups(tasks).map(({ key }) => key)).toEqual(['T1', 'E1', 'T2']);
  });

  it('leaves plans without groups as they are', () => {
    fc.assert(
      fc.property(acyclicPlan(), (tasks) =>
        expect(new Set(resolveGroups(tasks).flatMap((task) => task.dependsOn))).toEqual(
          new Set(tasks.flatMap((task) => task.dependsOn)),
        ),
      ),
    );
  });

  it('keeps the meaning of groups: all of one before any of the other, work waits for work only', () => {
    const members = fc.array(fc.nat({ max: 2 }), { minLength: 6, maxLength: 24 });
    fc.assert(
      fc.property(members, acyclicPlan(24), (places, plan) => {
        // Three epics in a row; whatever a task waits for in a later epic is forgotten.
        const placed = plan.map((task, index) => ({
          ...task,
          parentKey: `E${places[index % places.length] ?? 0}`,
        }));
        const epicOf = new Map(placed.map((task) => [task.key, task.parentKey]));
        const sound = placed.map((task) => ({
          ...task,
          dependsOn: task.dependsOn.filter((on) => (epicOf.get(on) ?? '') <= task.parentKey),
        }));
        const used = [...new Set(sound.map((task) => task.parentKey))].sort();
        const epics = used.map((key, index) => epic(key, used.slice(Math.max(0, index - 1), index)));
        const tasks = [...epics, ...sound];
        expect(tasksProblems(tasks, { requirementIds: ['R1'], agentTypes: ['eng-backend'] })).toEqual([]);
        const resolved = resolveGroups(tasks);
        const work = resolved.filter(isWork);
        expect(topologicalLayers(work).flat()).toHaveLength(work.length);
        const before = reachable(work);
        const rank = (task: TaskDefinition): number => used.indexOf(task.parentKey ?? '');
        const pairs = work.flatMap((later) => work.map((earlier) => ({ later, earlier })));
        const ordered = pairs.filter(({ later, earlier }) => rank(later) > rank(earlier));
        expect(ordered.filter(({ later, earlier }) => !before.get(later.key)?.has(earlier.key))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

const reachable = (work: readonly TaskDefinition[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const found = new Map<string, Set<string>>();
  const byKey = new Map(work.map((task) => [task.key, task]));
  for (const key of topologicalLayers(work).flat()) {
    const on = byKey.get(key)?.dependsOn ?? [];
    found.set(key, new Set(on.flatMap((one) => [one, ...(found.get(one) ?? [])])));
  }
  return found;
};
