import { describe, expect, it } from '@jest/globals';
import type { TaskDefinition } from '@partitura/shared/planning';
import { acyclicPlan, workTask } from '@partitura/shared/planning/testing';
import fc from 'fast-check';
import { tasksProblems } from './tasks-problems.ts';

const ground = { requirementIds: ['R1'], agentTypes: ['eng-backend', 'eng-qa'] };
const group = (
  key: string,
  kind: 'epic' | 'story',
  parentKey: string | null = null,
  dependsOn: string[] = [],
): TaskDefinition => workTask(key, dependsOn, { kind, parentKey, requirementIds: [] });
const codes = (tasks: readonly TaskDefinition[], against = ground): string[] =>
  tasksProblems(tasks, against).map(({ code }) => code);
const messages = (tasks: readonly TaskDefinition[], against = ground): string[] =>
  tasksProblems(tasks, against).map(({ message }) => message);

describe('tasksProblems', () => {
  it('finds nothing wrong with work that waits for earlier work', () => {
    fc.assert(fc.property(acyclicPlan(), (tasks) => expect(tasksProblems(tasks, ground)).toEqual([])));
  });

  it('names the path of a cycle', () => {
    const tasks = [workTask('T1'), workTask('T3', ['T1', 'T7']), workTask('T7', ['T3'])];
    expect(messages(tasks)).toEqual(['T3 → T7 → T3: each waits for the next, so none can begin.']);
  });

  it('refuses every plan that is bent into a circle', () => {
    fc.assert(
      fc.property(acyclicPlan(), fc.nat(), fc.nat(), (tasks, from, span) => {
        const first = from % tasks.length;
        const last = first + (span % (tasks.length - first));
        const chained = tasks.map((task, index) => {
          const back = index === first ? [`T${last + 1}`] : [];
          const on = index > first && index <= last ? [`T${index}`] : [];
          return { ...task, dependsOn: [...task.dependsOn, ...on, ...back] };
        });
        expect(codes(chained)).toContain('TASK_CYCLE');
      }),
    );
  });

  it('sees a cycle through the epic a task is in, and one between groups', () => {
    expect(messages([group('E1', 'epic'), workTask('T1', ['E1'], { parentKey: 'E1' })])).toEqual([
      expect.stringMatching(/^(T1 → E1 → T1|E1 → T1 → E1): /),
    ]);
    const between = [
      group('E1', 'epic', null, ['E2']),
      group('E2', 'epic'),
      workTask('T1', [], { parentKey: 'E1' }),
      workTask('T2', ['T1'], { parentKey: 'E2' }),
    ];
    expect(codes(between)).toEqual(['TASK_CYCLE']);
  });

  it('allows a dependency on a group', () => {
    expect(
      codes([group('E1', 'epic'), workTask('T1', [], { parentKey: 'E1' }), workTask('T2', ['E1'])]),
    ).toEqual([]);
  });

  it('says who refers to what is not there', () => {
    expect(messages([workTask('T1', ['T4'])])).toEqual(['T1 depends on T4, which is no task of the plan.']);
    expect(codes([workTask('T1', [], { parentKey: 'E9' })])).toEqual(['DANGLING_PARENT']);
  });

  it('refuses one key for two tasks', () => {
    expect(codes([workTask('T1'), workTask('T1')])).toEqual(['DUPLICATE_TASK_KEY']);
  });

  it('refuses groups that are in each other, in work, or empty', () => {
    expect(codes([group('E1', 'epic', 'E2'), group('E2', 'epic', 'E1'), workTask('T1')])).toContain(
      'PARENT_CYCLE',
    );
    expect(
      codes([workTask('T1'), group('S1', 'story', 'T1'), workTask('T2', [], { parentKey: 'S1' })]),
    ).toContain('PARENT_OF_WRONG_KIND');
    expect(codes([group('E1', 'epic'), workTask('T1')])).toEqual(['GROUP_WITHOUT_WORK']);
  });

  it('refuses agents that do not exist, but asks none of a group', () => {
    expect(codes([workTask('T1', [], { agentType: 'wizard' })])).toEqual(['UNKNOWN_AGENT_TYPE']);
    const epic = { ...group('E1', 'epic'), agentType: '' };
    expect(codes([epic, workTask('T1', [], { parentKey: 'E1' })])).toEqual([]);
  });

  it('wants every requirement served, by work or by the epic around it', () => {
    const against = { ...ground, requirementIds: ['R1', 'R2', 'R3'] };
    expect(messages([workTask('T1')], against)).toEqual(['No task serves R2, R3.']);
    const epic = { ...group('E1', 'epic'), requirementIds: ['R2', 'R3'] };
    expect(codes([epic, workTask('T1', [], { parentKey: 'E1' })], against)).toEqual([]);
    expect(codes([workTask('T1', [], { requirementIds: ['R1', 'R7'] })])).toEqual(['UNKNOWN_REQUIREMENT']);
  });

  it('refuses a plan without work, and planned conflicts', () => {
    expect(codes([group('E1', 'epic')], { ...ground, requirementIds: [] })).toEqual([
      'GROUP_WITHOUT_WORK',
      'NO_WORK',
    ]);
    expect(codes([workTask('T1', [], { kind: 'conflict' })])).toEqual(['KIND_NOT_PLANNED']);
  });
});
