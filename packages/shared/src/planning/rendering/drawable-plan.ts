import type { PlanDocument } from '../plan-document.ts';
import { isWork } from '../task-definition.ts';

/** A piece of work as it is drawn. */
export interface DrawableTask {
  readonly key: string;
  readonly title: string;
  readonly agentType: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly slackMs: number;
  readonly critical: boolean;
  readonly dependsOn: readonly string[];
  /** The topmost group it is in; null for none. */
  readonly group: string | null;
}

/** The work of a plan by when it begins, what is on the critical path first. Pure; so is all that draws it. */
export const drawableTasks = (plan: Pick<PlanDocument, 'tasks' | 'estimate'>): DrawableTask[] => {
  const spans = new Map(plan.estimate.schedule.map((span) => [span.key, span]));
  const byKey = new Map(plan.tasks.map((task) => [task.key, task]));
  const onPath = new Set(plan.estimate.criticalPath);
  const groupOf = (key: string): string | null => {
    let group: string | null = null;
    for (let parent = byKey.get(key)?.parentKey; parent; parent = byKey.get(parent)?.parentKey) {
      const found = byKey.get(parent);
      if (found && !isWork(found)) group = `${found.key} ${found.title}`;
    }
    return group;
  };
  return plan.tasks
    .filter(isWork)
    .map((task) => {
      const span = spans.get(task.key);
      return {
        key: task.key,
        title: task.title,
        agentType: task.agentType,
        startMs: span?.startMs ?? 0,
        endMs: span?.endMs ?? 0,
        slackMs: span?.slackMs ?? 0,
        critical: onPath.has(task.key),
        dependsOn: task.dependsOn,
        group: groupOf(task.key),
      };
    })
    .sort(
      (left, right) =>
        left.startMs - right.startMs ||
        Number(right.critical) - Number(left.critical) ||
        left.endMs - right.endMs,
    );
};

/** `420 ms`, `12 s`, `11 min`, `2 h 05 min`: as exact as an estimate deserves. */
export const shortDuration = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
};
