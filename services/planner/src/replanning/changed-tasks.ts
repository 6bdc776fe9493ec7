import type { Problem } from '@partitura/shared/events';
import { isWork, type TaskDefinition } from '@partitura/shared/planning';
import type { ReplanAnswer } from '@partitura/shared/prompts';
import type { Progress } from '../run/run-facts.ts';
import { affectedTasks } from './affected-tasks.ts';
import type { RequirementChanges } from './requirement-changes.ts';

type NewTask = ReplanAnswer['tasks'][number];

export interface ChangeGround {
  /** Of the re-planning: new keys are made from it. */
  readonly number: number;
  readonly tasks: readonly TaskDefinition[];
  readonly changes: RequirementChanges;
  /** Of every task of the run, also of those that are in no plan. */
  readonly progress: ReadonlyMap<string, Progress>;
}

export interface ChangedTasks {
  /** What stays and what is new: the whole plan. */
  readonly tasks: readonly TaskDefinition[];
  readonly dropped: readonly string[];
  readonly added: readonly string[];
  /** What only the answer can have got wrong; a plan is wrong in more ways. */
  readonly problems: readonly Problem[];
}

/**
 * The plan before, with what the edit of the PRD touches taken out and what the model proposes put in. What waited for a task that is
 * taken out waits for what stands in its place, or else for what that task waited for: the model need not name it.
 */
export const changedTasks = (proposed: readonly NewTask[], ground: ChangeGround): ChangedTasks => {
  const dropped = affectedTasks(ground.tasks, ground.changes, ground.progress);
  const keys = newKeys(proposed, ground);
  const fresh = proposed.map((task) => ({ ...task, key: keys.get(task.key) ?? task.key }));
  const substitute = substitution(ground.tasks, dropped, fresh);
  const gone = new Set(ground.changes.removed);
  const kept = ground.tasks
    .filter(({ key }) => !dropped.has(key))
    .map((task) => ({
      ...task,
      requirementIds: task.requirementIds.filter((id) => !gone.has(id)),
      parentKey: parentOf(task, dropped, fresh, ground.tasks),
      dependsOn:
        ground.progress.get(task.key) === 'finished'
          ? task.dependsOn.filter((key) => !dropped.has(key))
          : [...new Set(task.dependsOn.flatMap(substitute))],
    }));
  const added = fresh.map(
    ({ replaces: _, ...task }): TaskDefinition => ({
      ...task,
      parentKey: task.parentKey === null ? null : (keys.get(task.parentKey) ?? task.parentKey),
      dependsOn: [...new Set(task.dependsOn.map((key) => keys.get(key) ?? key).flatMap(substitute))].filter(
        (key) => key !== task.key,
      ),
    }),
  );
  return {
    tasks: withoutEmptyGroups([...kept, ...added], new Set(keys.values())),
    dropped: [...dropped],
    added: added.map(({ key }) => key),
    problems: problemsOf(proposed, ground),
  };
};

/** The model's keys are only its own: a conflict or a fix may have come up since, under any key. */
const newKeys = (
  proposed: readonly NewTask[],
  { number, tasks, progress }: ChangeGround,
): ReadonlyMap<string, string> => {
  const taken = new Set([...tasks.map(({ key }) => key), ...progress.keys()]);
  const keys = new Map<string, string>();
  let next = 0;
  for (const task of proposed) {
    do next += 1;
    while (taken.has(`V${number}${isWork(task) ? 'T' : 'E'}${next}`));
    keys.set(task.key, `V${number}${isWork(task) ? 'T' : 'E'}${next}`);
  }
  return keys;
};

const substitution = (
  before: readonly TaskDefinition[],
  dropped: ReadonlySet<string>,
  fresh: readonly NewTask[],
): ((key: string) => readonly string[]) => {
  const byKey = new Map(before.map((task) => [task.key, task]));
  const places = Map.groupBy(
    fresh.flatMap(({ key, replaces }) => replaces.map((old) => ({ old, key }))),
    ({ old }) => old,
  );
  const known = new Map<string, readonly string[]>();
  const substitute = (key: string): readonly string[] => {
    if (!dropped.has(key)) return [key];
    const found = known.get(key);
    if (found) return found;
    const replacements = places.get(key)?.map((one) => one.key);
    const result = replacements ?? [...new Set(byKey.get(key)?.dependsOn.flatMap(substitute))];
    known.set(key, result);
    return result;
  };
  return substitute;
};

/** A part of a task that is taken out is a part of what stands in its place. */
const parentOf = (
  { parentKey }: TaskDefinition,
  dropped: ReadonlySet<string>,
  fresh: readonly NewTask[],
  before: readonly TaskDefinition[],
): string | null => {
  if (parentKey === null || !dropped.has(parentKey)) return parentKey;
  const place = fresh.find(({ replaces }) => replaces.includes(parentKey));
  if (place) return place.key;
  const parent = before.find(({ key }) => key === parentKey);
  return parent ? parentOf(parent, dropped, fresh, before) : null;
};

/** Groups that have lost all their work; one that the model made empty is its to put right. */
const withoutEmptyGroups = (
  tasks: readonly TaskDefinition[],
  added: ReadonlySet<string>,
): readonly TaskDefinition[] => {
  const parents = new Set(tasks.map(({ parentKey }) => parentKey));
  const left = tasks.filter((task) => isWork(task) || parents.has(task.key) || added.has(task.key));
  return left.length === tasks.length ? tasks : withoutEmptyGroups(left, added);
};

const problemsOf = (proposed: readonly NewTask[], { tasks, changes }: ChangeGround): Problem[] => {
  const before = new Set(tasks.map(({ key }) => key));
  const named = proposed.map(({ key }) => key);
  const twice = proposed
    .filter(({ key }, at) => before.has(key) || named.indexOf(key) !== at)
    .map(({ key }) => ({
      code: 'DUPLICATE_TASK_KEY',
      message: `${key} is taken: a new task needs a new key.`,
    }));
  const unknown = proposed.flatMap(({ key, replaces }) =>
    replaces
      .filter((old) => !before.has(old))
      .map((old) => ({
        code: 'UNKNOWN_TASK',
        message: `${key} replaces ${old}, which is no task of the plan.`,
      })),
  );
  const served = new Set(proposed.flatMap(({ requirementIds }) => requirementIds));
  const unserved = [...changes.added, ...changes.changed]
    .filter((id) => !served.has(id))
    .map((id) => ({
      code: 'REQUIREMENT_NOT_SERVED',
      message: `No new task serves ${id}, which was added or changed.`,
    }));
  return [...twice, ...unknown, ...unserved];
};
