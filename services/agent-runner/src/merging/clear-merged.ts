import type { Logger } from '@partitura/shared/runtime';
import type { RunView } from '../runs/run-view.ts';
import type { Workspaces } from '../workspaces/index.ts';
import type { Submission } from './queue.ts';

/**
 * What is merged is nowhere else to be worked on: its work tree goes, and its branch at the project's repository, which is
 * its owner's to keep tidy. What has anything of its own stays; whoever cleans up later sees it.
 */
export const clearMerged = async (
  { workspaces, logger }: { readonly workspaces: Workspaces; readonly logger: Logger },
  view: RunView,
  { attemptId, taskId, branch }: Submission,
  signal: AbortSignal,
): Promise<void> => {
  const url = view.configuration?.repository?.url;
  const runBranch = view.configuration?.branch ?? null;
  if (url === undefined || runBranch === null) return;
  try {
    const repository = await workspaces.openProjectRepository(view.projectId, url, signal);
    // The attempt may have been worked on another machine, which clears its own.
    if (await workspaces.hasWorktree(attemptId)) {
      const worktree = await workspaces.openWorktree(repository, { attemptId, branch, from: branch }, signal);
      await workspaces.removeWorktree(worktree, signal);
    }
    const resolved = view.tasks.get(taskId)?.conflict?.branch;
    const merged = resolved === undefined ? [branch] : [branch, resolved];
    await workspaces.removeMergedBranches(repository, merged, runBranch, signal);
  } catch (error) {
    logger.warn({ attemptId, error }, 'The work tree of a merged branch was left where it is.');
  } finally {
    workspaces.releaseWorktree(attemptId);
  }
};
