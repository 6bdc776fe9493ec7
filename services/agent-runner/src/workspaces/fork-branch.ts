import type { Logger } from '@partitura/shared/runtime';
import type { RunViews } from '../runs/run-views.ts';
import type { Workspaces } from './port.ts';

const longestMs = 120_000;

/**
 * Makes the branch of a run that was forked, so that it is there also when nothing is left to be done. Agents and merges make it too:
 * that it could not be made now keeps nobody from anything.
 */
export const forkBranches =
  ({
    views,
    workspaces,
    logger,
  }: {
    readonly views: Pick<RunViews, 'load'>;
    readonly workspaces: Workspaces;
    readonly logger: Logger;
  }) =>
  async (runId: string): Promise<void> => {
    const { configuration, projectId, startingCommit } = await views.load(
      runId,
      ({ forks }) => forks.length > 0,
    );
    if (!configuration?.repository || configuration.branch === null || startingCommit === null) return;
    const { url, baseBranch } = configuration.repository;
    const signal = AbortSignal.timeout(longestMs);
    try {
      const repository = await workspaces.openProjectRepository(projectId, url, signal);
      const branches = { runBranch: configuration.branch, baseBranch, commit: startingCommit };
      await workspaces.createRunBranch(repository, branches, signal);
    } catch (error) {
      logger.warn({ runId, error }, 'The branch of a forked run could not be made; it is when it is needed.');
    }
  };
