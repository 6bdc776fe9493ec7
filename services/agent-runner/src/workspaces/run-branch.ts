import { withoutCredentials } from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';
import {
  commitAt,
  createBranch,
  fetchBranch,
  fetchCommit,
  hasNoBranches,
  head,
  onClone,
  pushCommit,
  synchroniseBranch,
  tracking,
} from './clone.ts';
import type { ProjectRepository } from './port.ts';

interface RunBranch {
  readonly runBranch: string;
  readonly baseBranch: string;
  /** Where a fork’s begins. */
  readonly commit?: string | null;
}

const isRejected = (error: unknown): boolean =>
  error instanceof PartituraError && error.code === 'PUSH_REJECTED';

const baseNotFound = (repository: ProjectRepository, branch: string): PartituraError =>
  new PartituraError(
    'BASE_BRANCH_NOT_FOUND',
    `${withoutCredentials(repository.url)} has no branch "${branch}".`,
    {
      advice: 'Choose a branch that exists there with --base.',
    },
  );

const identity = { name: 'Partitura', email: 'partitura@localhost' };

/** A repository in which there is nothing yet gets a first commit without files, once, whichever runner comes first. */
const begin = async (repository: ProjectRepository, branch: string, signal: AbortSignal): Promise<void> => {
  const tree = await onClone(repository, ['mktree'], { signal, input: '' });
  const args = ['commit-tree', '-m', 'Begin', tree.stdout.trim()];
  const { stdout } = await onClone(repository, args, { signal, identity });
  await createBranch(repository, branch, stdout.trim(), signal).catch((error: unknown) => {
    if (!isRejected(error)) throw error;
  });
};

const baseCommit = async (
  repository: ProjectRepository,
  branch: string,
  signal: AbortSignal,
): Promise<string> => {
  const commit = await fetchBranch(repository, branch, signal);
  if (commit !== null) return commit;
  if (!(await hasNoBranches(repository, signal))) throw baseNotFound(repository, branch);
  await begin(repository, branch, signal);
  const begun = await fetchBranch(repository, branch, signal);
  if (begun === null) throw baseNotFound(repository, branch);
  return begun;
};

const knownCommit = async (
  repository: ProjectRepository,
  commit: string,
  signal: AbortSignal,
): Promise<string> => {
  const known =
    (await commitAt(repository, commit, signal)) ?? (await fetchCommit(repository, commit, signal));
  if (known !== null) return known;
  throw new PartituraError(
    'COMMIT_NOT_FOUND',
    `${withoutCredentials(repository.url)} has no commit ${commit}, which the run is to go on from.`,
    {
      advice:
        'The branch of the run it was forked from was deleted or moved there; fork it at a later position.',
    },
  );
};

/** Where the run's branch begins; null when another runner made it meanwhile. */
const create = async (
  repository: ProjectRepository,
  { runBranch, baseBranch, commit: given }: RunBranch,
  signal: AbortSignal,
): Promise<string | null> => {
  const commit = given
    ? await knownCommit(repository, given, signal)
    : await baseCommit(repository, baseBranch, signal);
  try {
    await createBranch(repository, runBranch, commit, signal);
  } catch (error) {
    if (isRejected(error)) return null;
    throw error;
  }
  await onClone(repository, ['update-ref', head(runBranch), commit, ''], { signal });
  return commit;
};

/**
 * The run's branch, here and at the project's repository. Several runners may do that at the same time, and the base branch may
 * move in between: the first one says where the run begins.
 */
export const establishRunBranch = async (
  repository: ProjectRepository,
  branches: RunBranch,
  signal: AbortSignal,
): Promise<string> => {
  const { runBranch, baseBranch } = branches;
  const known =
    (await synchroniseBranch(repository, runBranch, signal)) ??
    (await create(repository, branches, signal)) ??
    (await synchroniseBranch(repository, runBranch, signal));
  if (known === null) throw baseNotFound(repository, runBranch);
  if ((await commitAt(repository, tracking(runBranch), signal)) !== known)
    await pushCommit(repository, runBranch, known, signal);
  // What a review compares with; the runner that made the branch may have been another one.
  if ((await commitAt(repository, tracking(baseBranch), signal)) === null)
    await fetchBranch(repository, baseBranch, signal);
  return known;
};
