import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  explainUnreachable,
  GitError,
  type GitOptions,
  type GitResult,
  git,
  requireBranchName,
  withoutCredentials,
} from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';
import type { ProjectRepository } from './port.ts';
import { withoutStaleLocks } from './stale-locks.ts';

const fetchTimeoutMs = 10 * 60_000;

/** What checks and package managers leave about, in projects that do not ignore it themselves. */
const neverCommitted = [
  'node_modules/',
  '__pycache__/',
  '*.pyc',
  '.pytest_cache/',
  '.venv/',
  '.DS_Store',
  '',
];

/** Git on the clone itself. */
export const onClone = (
  repository: ProjectRepository,
  args: readonly string[],
  options: GitOptions & { readonly signal: AbortSignal },
): Promise<GitResult> =>
  withoutStaleLocks({ gitDirectory: repository.path, repositoryPath: repository.path }, () =>
    git(args, { gitDirectory: repository.path, ...options }),
  );

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Makes the clone beside its place and moves it there whole: a half-made one is never opened. */
export const makeClone = async (path: string, signal: AbortSignal): Promise<void> => {
  if (await exists(join(path, 'HEAD'))) return;
  await mkdir(dirname(path), { recursive: true });
  const making = await mkdtemp(join(dirname(path), '.making-'));
  try {
    await git(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', '--', making], {
      signal,
    });
    await mkdir(join(making, 'info'), { recursive: true });
    await writeFile(join(making, 'info', 'exclude'), neverCommitted.join('\n'));
    await rename(making, path);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    // Another process was quicker: its clone is as good.
    if (!(await exists(join(path, 'HEAD')))) throw error;
  }
};

export const tracking = (branch: string): string => `refs/remotes/origin/${branch}`;
export const head = (branch: string): string => `refs/heads/${branch}`;

export const commitAt = async (
  repository: ProjectRepository,
  revision: string,
  signal: AbortSignal,
): Promise<string | null> => {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  const { stdout, exitCode } = await onClone(repository, args, { signal, accept: [0, 1, 128] });
  return exitCode === 0 ? stdout.trim() : null;
};

export const isAncestor = async (
  repository: ProjectRepository,
  ancestor: string,
  descendant: string,
  signal: AbortSignal,
): Promise<boolean> => {
  const args = ['merge-base', '--is-ancestor', ancestor, descendant];
  return (await onClone(repository, args, { signal, accept: [0, 1] })).exitCode === 0;
};

/**
 * Fetches a branch, and whatever `also` names if it is there. Answers the branch's commit at the project's repository; null when it has
 * no such branch.
 * @throws {PartituraError} REPOSITORY_NOT_FOUND, REPOSITORY_UNAUTHORIZED, REPOSITORY_UNREACHABLE
 */
export const fetchBranch = async (
  repository: ProjectRepository,
  branch: string,
  signal: AbortSignal,
  also: readonly string[] = [],
): Promise<string | null> => {
  // A pattern that matches nothing is no failure, a plain name is.
  const optional = also.map((name) => `+${head(requireBranchName(name))}*:${tracking(name)}*`);
  const refspecs = [`+${head(requireBranchName(branch))}:${tracking(branch)}`, ...optional];
  const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--', repository.url, ...refspecs];
  try {
    await onClone(repository, args, { access: 'user', signal, timeoutMs: fetchTimeoutMs });
    return await commitAt(repository, tracking(branch), signal);
  } catch (error) {
    if (error instanceof GitError && error.stderr.includes('find remote ref')) {
      await onClone(repository, ['update-ref', '-d', tracking(branch)], { signal });
      return null;
    }
    throw explainUnreachable(repository.url, error);
  }
};

/**
 * A commit that no branch that is known of here leads to: a fork goes on from work of the run it came from, whose branches have other
 * names, or are gone since they were merged. Of a run that was imported the project's repository may never have had any. Answers null
 * when it does not have the commit, or does not give it away, and no bundle brought it.
 */
export const fetchCommit = async (
  repository: ProjectRepository,
  commit: string,
  signal: AbortSignal,
): Promise<string | null> => {
  const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--', repository.url, commit];
  try {
    await onClone(repository, args, { access: 'user', signal, timeoutMs: fetchTimeoutMs });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof GitError)) throw error;
  }
  const fetched = await commitAt(repository, commit, signal);
  if (fetched !== null || repository.bringImported === undefined) return fetched;
  await repository.bringImported(signal);
  return commitAt(repository, commit, signal);
};

const explainRejection = (repository: ProjectRepository, branch: string, error: unknown): unknown => {
  if (!(error instanceof GitError)) return error;
  const said = `${error.stderr}\n${error.message}`;
  const where = `"${branch}" of ${withoutCredentials(repository.url)}`;
  if (/checked out branch|branch is currently checked out/.test(said)) {
    return new PartituraError(
      'BRANCH_CHECKED_OUT',
      `${where} is checked out there, so it cannot be pushed to.`,
      {
        advice: 'Check another branch out in that repository, then retry.',
        cause: error,
      },
    );
  }
  if (/\[rejected\]|non-fast-forward|fetch first|failed to update ref|cannot lock ref/.test(said)) {
    return new PartituraError(
      'PUSH_REJECTED',
      `Somebody else moved ${where}; nothing of theirs was overwritten.`,
      {
        advice: 'Look at the commits on that branch; rename it or move it away to let the run go on.',
        cause: error,
      },
    );
  }
  if (/\[remote rejected\]|protected branch|pre-receive hook/.test(said)) {
    return new PartituraError(
      'PUSH_REFUSED',
      `The project’s repository does not take ${where}: ${error.stderr.slice(0, 500)}`,
      {
        advice: 'Allow pushes to branches that start with "partitura" there.',
        cause: error,
      },
    );
  }
  return explainUnreachable(repository.url, error);
};

const push = async (
  repository: ProjectRepository,
  { branch, commit, lease }: { readonly branch: string; readonly commit: string; readonly lease?: string },
  signal: AbortSignal,
): Promise<void> => {
  const name = head(requireBranchName(branch));
  const expecting = lease === undefined ? [] : [`--force-with-lease=${name}:${lease}`];
  const args = ['push', '--quiet', '--no-verify', ...expecting, '--', repository.url, `${commit}:${name}`];
  await onClone(repository, args, { access: 'user', signal, timeoutMs: fetchTimeoutMs }).catch(
    (error: unknown) => {
      throw explainRejection(repository, branch, error);
    },
  );
  await onClone(repository, ['update-ref', tracking(branch), commit], { signal });
};

/**
 * Pushes a commit to a branch, forward only.
 * @throws {PartituraError} PUSH_REJECTED (somebody moved it), BRANCH_CHECKED_OUT, PUSH_REFUSED (a policy there), and as `fetchBranch`
 */
export const pushCommit = (
  repository: ProjectRepository,
  branch: string,
  commit: string,
  signal: AbortSignal,
): Promise<void> => push(repository, { branch, commit }, signal);

/** Makes a branch that is not there yet. @throws {PartituraError} PUSH_REJECTED when it is, and as `pushCommit` */
export const createBranch = (
  repository: ProjectRepository,
  branch: string,
  commit: string,
  signal: AbortSignal,
): Promise<void> => push(repository, { branch, commit, lease: '' }, signal);

/** Moves a branch that is at `expected` and nowhere else. @throws {PartituraError} as `pushCommit` */
export const replaceBranch = (
  repository: ProjectRepository,
  { branch, expected, commit }: { branch: string; expected: string; commit: string },
  signal: AbortSignal,
): Promise<void> => push(repository, { branch, commit, lease: expected }, signal);

/** Whether the project's repository is empty. @throws {PartituraError} as `fetchBranch` */
export const hasNoBranches = async (repository: ProjectRepository, signal: AbortSignal): Promise<boolean> => {
  const args = ['ls-remote', '--heads', '--', repository.url];
  const { stdout } = await onClone(repository, args, {
    access: 'user',
    signal,
    timeoutMs: fetchTimeoutMs,
  }).catch((error: unknown) => {
    throw explainUnreachable(repository.url, error);
  });
  return stdout.trim() === '';
};

/** Only in the clone, where nobody needs it any more. */
export const forgetBranch = async (
  repository: ProjectRepository,
  branch: string,
  signal: AbortSignal,
): Promise<void> => {
  const references = [`delete ${tracking(branch)}`, `delete ${head(requireBranchName(branch))}`, ''];
  await onClone(repository, ['update-ref', '--stdin'], { signal, input: references.join('\n') });
};

/**
 * Deletes a branch at the project's repository, if it is still at that commit, and in the clone. That somebody else deleted it there, or went on with it, is fine.
 */
export const deleteBranch = async (
  repository: ProjectRepository,
  branch: string,
  commit: string,
  signal: AbortSignal,
): Promise<void> => {
  const name = head(requireBranchName(branch));
  const args = [
    'push',
    '--quiet',
    '--no-verify',
    `--force-with-lease=${name}:${commit}`,
    '--',
    repository.url,
  ];
  try {
    await onClone(repository, [...args, `:${name}`], { access: 'user', signal, timeoutMs: fetchTimeoutMs });
  } catch (error) {
    const settled = error instanceof GitError && /stale info|remote ref does not exist/.test(error.stderr);
    if (!settled) throw explainRejection(repository, branch, error);
  }
  await forgetBranch(repository, branch, signal);
};

/**
 * Brings the clone's branch to where the project's repository has it, forward only. Answers the newer of both; null when neither has it.
 * @throws {PartituraError} BRANCH_DIVERGED when each has commits that the other has not
 */
export const synchroniseBranch = async (
  repository: ProjectRepository,
  branch: string,
  signal: AbortSignal,
  also: readonly string[] = [],
): Promise<string | null> => {
  const theirs = await fetchBranch(repository, branch, signal, also);
  const ours = await commitAt(repository, head(branch), signal);
  if (theirs === null || theirs === ours) return ours;
  if (ours === null || (await isAncestor(repository, ours, theirs, signal))) {
    await onClone(repository, ['update-ref', head(branch), theirs, ours ?? ''], { signal });
    return theirs;
  }
  if (await isAncestor(repository, theirs, ours, signal)) return ours;
  throw new PartituraError(
    'BRANCH_DIVERGED',
    `"${branch}" of ${withoutCredentials(repository.url)} was changed by somebody else: it lacks commits that are ours.`,
    {
      advice: `Ours is at ${ours}, theirs at ${theirs}. Bring them together there, or move theirs to another branch.`,
    },
  );
};
