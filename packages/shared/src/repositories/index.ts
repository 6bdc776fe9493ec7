export { requireAcceptedRepository } from './accepted.ts';
export { branchAt } from './branch-at.ts';
export { createRepository, type NewRepository } from './create.ts';
export { GitError, RepositoryDirtyError } from './errors.ts';
export { type GitOptions, type GitResult, git, isGitRunningOn } from './git.ts';
export type { GitAccess } from './git-environment.ts';
export { inspectRepository } from './inspect.ts';
export { explainUnreachable, withoutCredentials } from './inspect-remote.ts';
export { listRepositoryFiles } from './list-files.ts';
export {
  isBranchName,
  isCommitId,
  parseRepositoryAddress,
  type RepositoryAddress,
  requireBranchName,
} from './names.ts';
export type { CommitIdentity, InspectedRepository, InspectionOptions } from './port.ts';
