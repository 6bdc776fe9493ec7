import type { RunConfiguration } from '@partitura/shared/events';
import { branchAt } from '@partitura/shared/repositories';
import type { Logger } from '@partitura/shared/runtime';
import type { Run } from '../runs/state.ts';
import type { Task } from '../runs/task.ts';

/** Nobody has to work on it any more before the run may end. */
const isThrough = ({ status: { kind } }: Task): boolean =>
  kind === 'completed' || kind === 'cancelled' || kind === 'in_review';

/** Whether a run that goes on from there may end before an agent or a merge had to make its branch. */
const mayEndAtOnce = ({ tasks }: Run, isDropped: (task: Task) => boolean): boolean =>
  tasks.size > 0 && [...tasks.values()].every((task) => isThrough(task) || isDropped(task));

const patienceMs = 60_000;

/**
 * Makes the branch of a fork that nothing may be left to do for: its end names the branch, so that it has to be there by then. Of all
 * others it is made by whoever works first. That it could not be made refuses no fork: runners make it too, when they can.
 */
export const branchBefore = async (
  past: { readonly run: Run; readonly commit: string | null },
  { repository, branch }: Pick<RunConfiguration, 'repository' | 'branch'>,
  isDropped: (task: Task) => boolean,
  logger: Logger,
): Promise<void> => {
  const { run, commit } = past;
  if (repository === null || branch === null || !mayEndAtOnce(run, isDropped)) return;
  const from = commit === null ? repository.baseBranch : (run.configuration.branch ?? repository.baseBranch);
  try {
    await branchAt(repository.url, { branch, commit, from }, AbortSignal.timeout(patienceMs));
  } catch (error) {
    logger.warn({ error, branch }, 'The branch of a fork could not be made before the fork began.');
  }
};
