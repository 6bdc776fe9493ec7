import { mergeEvents } from '@partitura/shared/events';
import type { Logger } from '@partitura/shared/runtime';
import { branchOf } from '../agents/workplace.ts';
import { type Following, type FollowingDependencies, following } from '../runs/following.ts';
import type { RunViews } from '../runs/run-views.ts';
import type { Workspaces } from '../workspaces/index.ts';

export interface ForeignMergesDependencies extends FollowingDependencies {
  readonly views: RunViews;
  readonly workspaces: Workspaces;
  readonly logger: Logger;
}

const completed = 'merge.completed' as const;

/**
 * Work trees of attempts that were worked here and merged by another runner: nobody else can take them away. The runner that
 * merges clears its own.
 */
export const foreignMerges = (
  dependencies: ForeignMergesDependencies,
  wasOwn: (attemptId: string) => boolean,
): Following => {
  const { views, workspaces, logger } = dependencies;
  const stopping = new AbortController();

  const discard = async (runId: string, attemptId: string): Promise<void> => {
    if (wasOwn(attemptId) || !(await workspaces.hasWorktree(attemptId))) return;
    const { configuration, projectId } = await views.load(runId);
    const url = configuration?.repository?.url;
    if (url === undefined) return;
    const { signal } = stopping;
    const repository = await workspaces.openProjectRepository(projectId, url, signal);
    const branch = branchOf(attemptId);
    const worktree = await workspaces.openWorktree(repository, { attemptId, branch, from: branch }, signal);
    try {
      await workspaces.discardWorktree(worktree, signal);
    } finally {
      workspaces.releaseWorktree(attemptId);
    }
  };

  const followed = following(dependencies, {
    name: 'agent-runner.foreign-merges',
    filter: { categories: ['merge'], types: [completed] },
    take: ({ stream, data }) => {
      const { attemptId } = mergeEvents[completed].schema.parse(data);
      discard(stream.slice('merge-'.length), attemptId).catch((error: unknown) => {
        if (!stopping.signal.aborted)
          logger.warn({ attemptId, error }, 'The work tree of a merged branch was left where it is.');
      });
      return null;
    },
  });
  return {
    ...followed,
    stop: async (graceMs) => {
      stopping.abort();
      await followed.stop(graceMs);
    },
  };
};
