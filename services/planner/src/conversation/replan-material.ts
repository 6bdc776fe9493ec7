import { isWork, type PlanDocument, type Requirement } from '@partitura/shared/planning';
import { affectedTasks } from '../replanning/affected-tasks.ts';
import { changesBetween } from '../replanning/requirement-changes.ts';
import type { Progress } from '../run/run-facts.ts';

/** What an edit of the PRD means for the plan there is, each as JSON. */
export interface ReplanMaterial {
  readonly changes: string;
  readonly kept: string;
  readonly dropped: string;
}

export const replanMaterial = (
  { requirements: before, tasks }: PlanDocument,
  after: readonly Requirement[],
  progress: ReadonlyMap<string, Progress>,
): ReplanMaterial => {
  const changes = changesBetween(before, after);
  const affected = affectedTasks(tasks, changes, progress);
  const texts = new Map(before.map(({ id, text }) => [id, text]));
  const kept = tasks
    .filter(({ key }) => !affected.has(key))
    .map(({ key, parentKey, kind, title, requirementIds, dependsOn }) => ({
      key,
      parentKey,
      kind,
      title,
      requirementIds,
      dependsOn,
      finished: progress.get(key) === 'finished',
    }));
  return {
    changes: JSON.stringify({
      ...changes,
      before: [...changes.changed, ...changes.removed].map((id) => ({ id, text: texts.get(id) })),
    }),
    kept: JSON.stringify(kept),
    dropped: JSON.stringify(tasks.filter((task) => isWork(task) && affected.has(task.key))),
  };
};
