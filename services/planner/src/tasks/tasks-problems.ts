import type { Problem } from '@partitura/shared/events';
import { danglingReferences, findCycle, isWork, type TaskDefinition } from '@partitura/shared/planning';
import { expandGroups, groupingOf, withoutMarks, workIn } from './groups.ts';

/** What the tasks are held against. */
export interface PlanGround {
  readonly requirementIds: readonly string[];
  readonly agentTypes: readonly string[];
}

/** The most names that one message lists: a repair prompt is paid for by the token. */
const named = 12;
const list = (names: readonly string[]): string =>
  names.length <= named
    ? names.join(', ')
    : `${names.slice(0, named).join(', ')} and ${names.length - named} more`;

/**
 * Everything that keeps the tasks from being a plan, each with the names it takes to put it right. Nothing when they are one.
 * A dependency on an epic or a story is allowed: it means all the work in it (see `resolveGroups`).
 */
export const tasksProblems = (tasks: readonly TaskDefinition[], ground: PlanGround): Problem[] => {
  const problems = [
    ...duplicates(tasks),
    ...dangling(tasks),
    ...parents(tasks),
    ...agents(tasks, ground.agentTypes),
    ...kinds(tasks),
    ...coverage(tasks, ground.requirementIds),
  ];
  // A circle can only be told where every key means one task and every parent exists.
  return problems.some(({ code }) => structural.has(code)) ? problems : [...problems, ...circles(tasks)];
};

const structural: ReadonlySet<string> = new Set(['DUPLICATE_TASK_KEY', 'DANGLING_PARENT', 'PARENT_CYCLE']);

const duplicates = (tasks: readonly TaskDefinition[]): Problem[] => {
  const titles = new Map<string, string[]>();
  for (const { key, title } of tasks) titles.set(key, [...(titles.get(key) ?? []), title]);
  return [...titles]
    .filter(([, all]) => all.length > 1)
    .map(([key, all]) => ({
      code: 'DUPLICATE_TASK_KEY',
      message: `${key} names ${all.length} tasks: ${list(all.map((title) => `“${title}”`))}. Each needs a key of its own.`,
    }));
};

const dangling = (tasks: readonly TaskDefinition[]): Problem[] =>
  danglingReferences(tasks).map(({ key, reference }) => ({
    code: 'DANGLING_DEPENDENCY',
    message: `${key} depends on ${reference}, which is no task of the plan.`,
  }));

const parents = (tasks: readonly TaskDefinition[]): Problem[] => {
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  const problems = tasks.flatMap((task): Problem[] => {
    if (task.parentKey === null) return [];
    const parent = byKey.get(task.parentKey);
    if (!parent)
      return [
        {
          code: 'DANGLING_PARENT',
          message: `${task.key} is in ${task.parentKey}, which is no task of the plan.`,
        },
      ];
    if (isWork(task) || !isWork(parent)) return [];
    const message = `${task.key} (${task.kind}) is in ${parent.key} (${parent.kind}): what groups work can only be in a group.`;
    return [{ code: 'PARENT_OF_WRONG_KIND', message }];
  });
  const cycle = findCycle(
    tasks.map(({ key, parentKey }) => ({ key, dependsOn: parentKey === null ? [] : [parentKey] })),
  );
  if (cycle)
    problems.push({ code: 'PARENT_CYCLE', message: `${cycle.join(' → ')}: each is said to be in the next.` });
  return problems;
};

const agents = (tasks: readonly TaskDefinition[], agentTypes: readonly string[]): Problem[] => {
  const known = new Set(agentTypes);
  return tasks
    .filter((task) => isWork(task) && !known.has(task.agentType))
    .map(({ key, agentType }) => ({
      code: 'UNKNOWN_AGENT_TYPE',
      message: `${key} asks for an agent "${agentType}"; there are ${list(agentTypes)}.`,
    }));
};

const kinds = (tasks: readonly TaskDefinition[]): Problem[] => {
  const conflicts = tasks
    .filter(({ kind }) => kind === 'conflict')
    .map(({ key }) => ({
      code: 'KIND_NOT_PLANNED',
      message: `${key} is a conflict: those come up when branches are merged, nobody plans them.`,
    }));
  const grouping = groupingOf(tasks);
  const empty = tasks
    .filter((task) => !isWork(task) && (grouping.childrenOf.get(task.key) ?? []).length === 0)
    .map(({ key, kind }) => ({ code: 'GROUP_WITHOUT_WORK', message: `No task is in ${kind} ${key}.` }));
  const work = tasks.some(isWork)
    ? []
    : [{ code: 'NO_WORK', message: 'There are only epics and stories: nothing for an agent to do.' }];
  return [...conflicts, ...empty, ...work];
};

const coverage = (tasks: readonly TaskDefinition[], requirementIds: readonly string[]): Problem[] => {
  const known = new Set(requirementIds);
  const served = new Set(tasks.filter(isWork).flatMap((task) => task.requirementIds));
  const grouping = groupingOf(tasks);
  for (const group of tasks) {
    // What an epic says it serves, the work in it serves.
    if (isWork(group) || workIn(group.key, grouping).length === 0) continue;
    for (const id of group.requirementIds) served.add(id);
  }
  const unserved = requirementIds.filter((id) => !served.has(id));
  const problems = tasks.flatMap(({ key, requirementIds: ids }) =>
    ids
      .filter((id) => !known.has(id))
      .map((id) => ({
        code: 'UNKNOWN_REQUIREMENT',
        message: `${key} serves ${id}, which is no requirement.`,
      })),
  );
  if (unserved.length > 0) {
    problems.push({ code: 'REQUIREMENT_NOT_SERVED', message: `No task serves ${list(unserved)}.` });
  }
  return problems;
};

const circles = (tasks: readonly TaskDefinition[]): Problem[] => {
  const cycle = findCycle(expandGroups(tasks, groupingOf(tasks)));
  if (!cycle) return [];
  const path = withoutMarks(cycle);
  const closed = path.length === 1 ? [...path, ...path] : path;
  return [
    { code: 'TASK_CYCLE', message: `${closed.join(' → ')}: each waits for the next, so none can begin.` },
  ];
};
