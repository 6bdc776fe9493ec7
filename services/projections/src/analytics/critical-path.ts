import type { TaskFact } from './facts/task-facts.ts';

/**
 * The longest way through tasks as long as each really took, in milliseconds: what the run could not have been shorter than, whoever
 * had worked at it. Tasks that were not done take no time. Null where none was.
 */
export const actualCriticalPath = (tasks: readonly TaskFact[]): number | null => {
  const ways = longestWays(tasks);
  const done = tasks.filter(({ durationMs, outcome }) => durationMs !== null && outcome === 'completed');
  return done.length === 0 ? null : Math.max(...done.map(({ key }) => ways.get(key) ?? 0));
};

/** To the end of each task. Depth first with a list of its own: a chain may be as long as the plan. */
const longestWays = (tasks: readonly TaskFact[]): ReadonlyMap<string, number> => {
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  const ways = new Map<string, number>();
  const begun = new Set<string>();
  const open = tasks.map(({ key }) => key);
  for (let key = open.at(-1); key !== undefined; key = open.at(-1)) {
    const { durationMs = 0, dependsOn = [] } = byKey.get(key) ?? {};
    const missing = begun.has(key) ? [] : dependsOn.filter((one) => !ways.has(one));
    begun.add(key);
    open.push(...missing);
    if (missing.length > 0) continue;
    const before = dependsOn.map((one) => ways.get(one) ?? 0);
    if (!ways.has(key)) ways.set(key, (durationMs ?? 0) + Math.max(0, ...before));
    open.pop();
  }
  return ways;
};
