import type { RunConfiguration } from '@partitura/shared/events';
import { inspectRepository, withoutCredentials } from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';

const gone: ReadonlySet<string> = new Set(['REPOSITORY_NOT_FOUND', 'NOT_A_REPOSITORY']);

const isOf = (error: unknown, codes: ReadonlySet<string>): error is PartituraError =>
  error instanceof PartituraError && codes.has(error.code);

/** What is asked here did not choose the repository: to choose another is no way out. */
const explained = (url: string, error: unknown): unknown =>
  isOf(error, gone)
    ? new PartituraError(error.code, `The repository of the run is gone: ${error.message}`, {
        advice: `Bring it back to ${withoutCredentials(url)}, and ask again. What was recorded of the run is whole without it.`,
        cause: error,
      })
    : error;

type Worked = Pick<RunConfiguration, 'repository'>;

/**
 * Where a run is to begin.
 * @throws {PartituraError} what `inspectRepository` says of a repository that is gone, or has lost its base branch
 */
export const requireRepository = async ({ repository }: Worked): Promise<void> => {
  if (repository === null) return;
  const { url, baseBranch } = repository;
  await inspectRepository(url, { allowUncommitted: true, baseBranch }).catch((error: unknown) => {
    throw explained(url, error);
  });
};

const begun: ReadonlySet<string> = new Set(['BASE_BRANCH_NOT_FOUND', 'REPOSITORY_HAS_NO_COMMITS']);

/**
 * Where a run that has begun is to go on: it has a branch of its own there. Without it each task would fail as often as it may, and end
 * in the dead letters.
 * @throws {PartituraError} as `requireRepository`, but for what only a beginning needs
 */
export const requireRepositoryStill = (worked: Worked): Promise<void> =>
  requireRepository(worked).catch((error: unknown) => {
    if (!isOf(error, begun)) throw error;
  });
