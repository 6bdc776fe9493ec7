import { inspectLocalRepository } from './inspect-local.ts';
import { inspectRemoteRepository } from './inspect-remote.ts';
import { parseRepositoryAddress, requireBranchName } from './names.ts';
import type { InspectedRepository, InspectionOptions } from './port.ts';

/**
 * Looks a repository over before anything is promised: where it really is, which branch to start from, at which commit. A path
 * inside of a repository stands for its top level; bare repositories and work trees will do.
 * @throws {PartituraError} REPOSITORY_URL_INVALID, REPOSITORY_NOT_FOUND, NOT_A_REPOSITORY, REPOSITORY_NOT_TRUSTED,
 * REPOSITORY_HAS_NO_COMMITS, DETACHED_HEAD, BASE_BRANCH_NOT_FOUND, BRANCH_NAME_INVALID, REPOSITORY_DIRTY (a `RepositoryDirtyError`),
 * REPOSITORY_UNAUTHORIZED, REPOSITORY_UNREACHABLE, GIT_NOT_INSTALLED
 */
export const inspectRepository = async (
  pathOrUrl: string,
  options: InspectionOptions = {},
): Promise<InspectedRepository> => {
  const address = parseRepositoryAddress(pathOrUrl);
  if (options.baseBranch !== undefined) requireBranchName(options.baseBranch);
  switch (address.location) {
    case 'local':
      return await inspectLocalRepository(address.path, options);
    case 'remote':
      return await inspectRemoteRepository(address.url, options);
  }
};
