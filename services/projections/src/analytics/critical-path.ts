import type { TaskFact } from './facts/task-facts.ts';

/**
 * The longest way through tasks as long as each really took, in milliseconds: what the run could not have been shorter than, whoever
 * had worked at it. Tasks that were not done take no time. Null where none was.
 */
export const actualCriticalPath = (tasks: readonly TaskFact[]): number | null => {
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  const ways = new Map<string, number>();
  /** Depth first with a list of its own: a chain may be as long as the plan. */
  const wayTo = (key: string): number => {
    const open = [key];
    const begun = new Set(open);
    for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
      const task = byKey.get(at);
      const missing = (task?.dependsOn ?? []).filter((one) => !begun.has(one) && !ways.has(one));
      if (missing.length > 0) {
        open.push(...missing);
        for (const one of missing) begun.add(one);
        continue;
      }
      const before = (task?.dependsOn ?? []).map((one) => ways.get(one) ?? 0);
      ways.set(at, (task?.durationMs ?? 0) + Math.max(0, ...before));
      open.pop();
    }
    return ways.get(key) ?? 0;
  };
  const done = tasks.filter(({ durationMs, outcome }) => durationMs !== null && outcome === 'completed');
  return done.length === 0 ? null : Math.max(...done.map(({ key }) => wayTo(key)));
};
