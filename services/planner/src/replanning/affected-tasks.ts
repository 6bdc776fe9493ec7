import { isWork, type TaskDefinition } from '@partitura/shared/planning';
import type { Progress } from '../run/run-facts.ts';
import type { RequirementChanges } from './requirement-changes.ts';

/** Keys of what is not finished and serves what is another now, or only what is gone. Everything else stays as it is. */
export const affectedTasks = (
  tasks: readonly TaskDefinition[],
  { changed, removed }: RequirementChanges,
  progress: ReadonlyMap<string, Progress>,
): ReadonlySet<string> => {
  const another = new Set(changed);
  const gone = new Set(removed);
  const isAffected = ({ key, requirementIds }: TaskDefinition): boolean =>
    progress.get(key) !== 'finished' &&
    (requirementIds.some((id) => another.has(id)) ||
      (requirementIds.length > 0 && requirementIds.every((id) => gone.has(id))));
  return new Set(tasks.filter((task) => isWork(task) && isAffected(task)).map(({ key }) => key));
};
