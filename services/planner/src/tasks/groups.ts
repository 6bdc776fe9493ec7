import {
  type Dependent,
  dependencyGraph,
  isWork,
  type TaskDefinition,
  topologicalOrder,
} from '@partitura/shared/planning';

/** The tasks of a plan with who is in which group, for the questions that groups raise. */
export interface Grouping {
  readonly byKey: ReadonlyMap<string, TaskDefinition>;
  /** Direct members, in the order of the plan. */
  readonly childrenOf: ReadonlyMap<string, readonly TaskDefinition[]>;
}

export const groupingOf = (tasks: readonly TaskDefinition[]): Grouping => {
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  const childrenOf = new Map<string, TaskDefinition[]>();
  for (const task of tasks) {
    if (task.parentKey === null) continue;
    const siblings = childrenOf.get(task.parentKey);
    if (siblings) siblings.push(task);
    else childrenOf.set(task.parentKey, [task]);
  }
  return { byKey, childrenOf };
};

/**
 * What work waits for by being the whole of its parts: a task with subtasks puts them together, so it comes after them. Unless
 * the plan says the other way round in so many words.
 */
export const partsToWaitFor = (task: TaskDefinition, { childrenOf }: Grouping): readonly TaskDefinition[] =>
  isWork(task) ? (childrenOf.get(task.key) ?? []).filter((part) => !part.dependsOn.includes(task.key)) : [];

const start = '<';
const end = '>';
const withoutMark = (name: string): string =>
  name.startsWith(start) || name.startsWith(end) ? name.slice(1) : name;

/**
 * The plan as a graph in which a group has a start and an end: its members come after the start, the end after its members.
 * A circle through a group (a task that waits for the epic it is in) is then a circle like any other.
 */
export const expandGroups = (tasks: readonly TaskDefinition[], grouping: Grouping): Dependent[] => {
  const isGroup = (key: string): boolean => {
    const task = grouping.byKey.get(key);
    return task !== undefined && !isWork(task);
  };
  const beginningOf = (key: string): string => (isGroup(key) ? `${start}${key}` : key);
  const endOf = (key: string): string => (isGroup(key) ? `${end}${key}` : key);
  return tasks.flatMap((task) => {
    const inherited = task.parentKey !== null && isGroup(task.parentKey) ? [`${start}${task.parentKey}`] : [];
    const parts = partsToWaitFor(task, grouping).map(({ key }) => key);
    const opened = {
      key: beginningOf(task.key),
      dependsOn: [...task.dependsOn.map(endOf), ...parts, ...inherited],
    };
    if (isWork(task)) return [opened];
    const members = (grouping.childrenOf.get(task.key) ?? []).map(({ key }) => endOf(key));
    return [opened, { key: `${end}${task.key}`, dependsOn: [opened.key, ...members] }];
  });
};

/** A circle in the expanded graph, as the keys a reader knows. */
export const withoutMarks = (cycle: readonly string[]): string[] => {
  const keys = cycle.map(withoutMark);
  return keys.filter((key, index) => key !== keys[index - 1]);
};

/**
 * The same plan with every dependency between two pieces of work: one on a group becomes one on what is last in it, and a
 * group's own become those of what is first in it. Nobody after this has to know what a group is: groups wait for nothing. The
 * order is one in which the plan can be done: each task after all it waits for, each group before what is in it.
 * @param tasks a plan that `tasksProblems` found nothing wrong with
 */
export const resolveGroups = (tasks: readonly TaskDefinition[]): TaskDefinition[] => {
  const grouping = groupingOf(tasks);
  const graph = dependencyGraph(expandGroups(tasks, grouping));
  const lastIn = boundaryOf(grouping, 'last');
  const firstIn = boundaryOf(grouping, 'first');
  const extra = new Map<string, Set<string>>();
  for (const task of tasks) {
    const waitsFor = [
      ...task.dependsOn.flatMap(lastIn),
      ...partsToWaitFor(task, grouping).map(({ key }) => key),
    ];
    for (const first of firstIn(task.key)) {
      const known = extra.get(first) ?? new Set<string>();
      for (const on of waitsFor) known.add(on);
      extra.set(first, known);
    }
  }
  const place = new Map(topologicalOrder(graph).map((index, at) => [graph.keys[index] ?? '', at]));
  const placeOf = (task: TaskDefinition): number =>
    place.get(isWork(task) ? task.key : `${start}${task.key}`) ?? 0;
  return tasks
    .map((task) => ({ ...task, dependsOn: isWork(task) ? [...(extra.get(task.key) ?? [])] : [] }))
    .map((task) => ({
      ...task,
      dependsOn: task.dependsOn.sort((left, right) => (place.get(left) ?? 0) - (place.get(right) ?? 0)),
    }))
    .sort((left, right) => placeOf(left) - placeOf(right));
};

/** The work at a group's edge: what nothing else in it comes before, or after. Work is its own edge. */
const boundaryOf = (grouping: Grouping, edge: 'first' | 'last'): ((key: string) => readonly string[]) => {
  const known = new Map<string, readonly string[]>();
  const compute = (key: string): readonly string[] => {
    const task = grouping.byKey.get(key);
    if (task === undefined) return [];
    if (isWork(task)) return [key];
    const members = workIn(key, grouping);
    const keys = new Set(members.map((member) => member.key));
    const waitedFor = new Set(members.flatMap((member) => member.dependsOn));
    const inside = (member: TaskDefinition): boolean =>
      edge === 'last'
        ? waitedFor.has(member.key) || isPartIn(member, grouping)
        : member.dependsOn.some((on) => keys.has(on)) || partsToWaitFor(member, grouping).length > 0;
    return members.filter((member) => !inside(member)).map((member) => member.key);
  };
  return (key) => {
    const found = known.get(key) ?? compute(key);
    known.set(key, found);
    return found;
  };
};

const isPartIn = (task: TaskDefinition, { byKey }: Grouping): boolean => {
  const whole = task.parentKey === null ? undefined : byKey.get(task.parentKey);
  return whole !== undefined && isWork(whole) && !task.dependsOn.includes(whole.key);
};

/** All the work in a group, however deep; also where groups are in each other, which is refused elsewhere. */
export const workIn = (group: string, { childrenOf }: Grouping): TaskDefinition[] => {
  const members = new Set(childrenOf.get(group) ?? []);
  for (const member of members) {
    for (const child of childrenOf.get(member.key) ?? []) members.add(child);
  }
  return [...members].filter(isWork);
};
