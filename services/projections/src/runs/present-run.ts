import type { RunResource } from '@partitura/shared/http';
import { presentBudget, presentUsage } from '../usage/usage.ts';
import type { RunDocument } from './runs.ts';

/** `projectName` is the project's, which may have been renamed since; null while it is not known. */
export const presentRun = (document: RunDocument, projectName: string | null): RunResource => {
  const { title, tasks, requirementIds, openApprovals, inheritedUsage, ...rest } = document;
  const { proposal: _, acceptedRevision: __, organizationId: ___, ...own } = rest;
  return {
    ...own,
    ...(inheritedUsage ? { inheritedUsage: presentUsage(inheritedUsage) } : {}),
    projectName: projectName ?? title,
    tasks: countTasks(document),
    requirements: requirementIds.length,
    requirementsMet: countMet(requirementIds, Object.values(tasks)),
    ...droppedIn(document),
    usage: presentUsage(document.usage),
    budget: presentBudget(document.budget),
    pendingApprovals: openApprovals.length,
  };
};

const countTasks = ({ tasks }: RunDocument): RunResource['tasks'] => {
  const all = Object.values(tasks);
  const how = (counted: string): number => all.filter((task) => task.counted === counted).length;
  return {
    total: all.length,
    pending: how('pending'),
    running: how('running'),
    completed: how('completed'),
    failed: how('failed'),
    deadLettered: how('dead_letter'),
  };
};

/** Said only where there are any: of a fork that was told to drop tasks. */
const droppedIn = ({ requirementIds, tasks }: RunDocument): Pick<RunResource, 'requirementsDropped'> => {
  const serving = Object.values(tasks).filter(({ dropped }) => dropped !== true);
  const count = requirementIds.filter((id) => isDropped(id, serving)).length;
  return count === 0 ? {} : { requirementsDropped: count };
};

/** Nothing serves it any more but what was not to be done. */
export const isDropped = (
  requirementId: string,
  tasks: readonly Pick<RunDocument['tasks'][string], 'declined' | 'requirementIds'>[],
): boolean => {
  const serving = tasks.filter(({ requirementIds }) => requirementIds.includes(requirementId));
  return serving.length > 0 && serving.every(({ declined }) => declined === true);
};

/** A requirement is met when all that serves it is done, and something does. */
const countMet = (
  requirementIds: readonly string[],
  tasks: readonly RunDocument['tasks'][string][],
): number => {
  const served = new Map<string, boolean>();
  for (const { counted, dropped, requirementIds: serves } of tasks)
    for (const id of dropped ? [] : serves)
      served.set(id, (served.get(id) ?? true) && counted === 'completed');
  return requirementIds.filter((id) => served.get(id) === true).length;
};
