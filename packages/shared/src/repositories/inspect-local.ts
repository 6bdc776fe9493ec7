import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { PartituraError } from '../runtime/errors.ts';
import { GitError, RepositoryDirtyError } from './errors.ts';
import { type GitResult, git } from './git.ts';
import type { InspectedRepository, InspectionOptions } from './port.ts';

const listedFiles = 5;

const ask = (
  cwd: string,
  args: readonly string[],
  options: InspectionOptions,
  accept = [0],
): Promise<GitResult> =>
  git(args, {
    cwd,
    access: 'user',
    accept,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });

const existingDirectory = async (path: string): Promise<string> => {
  const found = await stat(path).catch(() => null);
  if (found === null) {
    throw new PartituraError('REPOSITORY_NOT_FOUND', `There is no ${path}.`, {
      advice: 'Give the path of a git repository, or leave --repo out for a new one.',
    });
  }
  if (!found.isDirectory()) {
    throw new PartituraError('REPOSITORY_NOT_FOUND', `${path} is a file, not a git repository.`, {
      advice: 'Give the directory that the repository is in.',
    });
  }
  return await realpath(path);
};

const explainNoRepository = (path: string, error: unknown): unknown => {
  if (!(error instanceof GitError) || error.code !== 'GIT_FAILED') return error;
  if (error.stderr.includes('dubious ownership')) {
    return new PartituraError(
      'REPOSITORY_NOT_TRUSTED',
      `${path} belongs to another user, so git does not read it.`,
      {
        advice: `If you trust it: git config --global --add safe.directory ${path}`,
        cause: error,
      },
    );
  }
  if (!error.stderr.includes('not a git repository')) return error;
  return new PartituraError('NOT_A_REPOSITORY', `${path} is not a git repository.`, {
    advice: `Make it one (git init ${path}, then commit), or leave --repo out for a new one.`,
    cause: error,
  });
};

/** The top of the work tree that the path is in; for a bare repository, the repository itself. */
const findTop = async (path: string, options: InspectionOptions): Promise<{ top: string; bare: boolean }> => {
  try {
    const { stdout } = await ask(path, ['rev-parse', '--is-bare-repository', '--is-inside-git-dir'], options);
    const [bare, inside] = stdout.split('\n');
    if (bare === 'true') {
      const directory = await ask(path, ['rev-parse', '--absolute-git-dir'], options);
      return { top: directory.stdout.trimEnd(), bare: true };
    }
    if (inside === 'true') {
      throw new PartituraError('NOT_A_REPOSITORY', `${path} is inside of git’s own directory.`, {
        advice: 'Give the directory that the project’s files are in.',
      });
    }
    const top = await ask(path, ['rev-parse', '--show-toplevel'], options);
    return { top: top.stdout.replace(/\n$/, ''), bare: false };
  } catch (error) {
    throw explainNoRepository(path, error);
  }
};

const commitOf = async (
  top: string,
  revision: string,
  options: InspectionOptions,
): Promise<string | null> => {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  const { stdout, exitCode } = await ask(top, args, options, [0, 1, 128]);
  return exitCode === 0 ? stdout.trim() : null;
};

const hasCommits = async (top: string, options: InspectionOptions): Promise<boolean> => {
  const args = ['for-each-ref', '--count=1', '--format=%(refname)', 'refs/heads'];
  const { stdout } = await ask(top, args, options);
  return stdout.trim() !== '' || (await commitOf(top, 'HEAD', options)) !== null;
};

const noCommits = (top: string): PartituraError =>
  new PartituraError(
    'REPOSITORY_HAS_NO_COMMITS',
    `${top} has no commit yet, so there is nothing to start from.`,
    {
      advice: 'Commit what is there (git add . && git commit), even if it is only a README.',
    },
  );

const checkedOutBranch = async (top: string, options: InspectionOptions): Promise<string> => {
  const { stdout, exitCode } = await ask(
    top,
    ['symbolic-ref', '--quiet', '--short', 'HEAD'],
    options,
    [0, 1],
  );
  if (exitCode === 0) return stdout.trim();
  throw new PartituraError('DETACHED_HEAD', `${top} has no branch checked out (detached HEAD).`, {
    advice: 'Say where to start with --base BRANCH, or check a branch out.',
  });
};

const branchNames = async (top: string, options: InspectionOptions): Promise<string> => {
  const { stdout } = await ask(
    top,
    ['for-each-ref', '--count=6', '--format=%(refname:short)', 'refs/heads'],
    options,
  );
  return stdout.trim().split('\n').join(', ');
};

const headOf = async (top: string, branch: string, options: InspectionOptions): Promise<string> => {
  const commit = await commitOf(top, `refs/heads/${branch}`, options);
  if (commit !== null) return commit;
  throw new PartituraError('BASE_BRANCH_NOT_FOUND', `${top} has no branch "${branch}".`, {
    advice: `There are: ${await branchNames(top, options)}.`,
  });
};

const ignoredBy = (top: string, ignore: readonly string[]): string[] =>
  ignore
    .map((path) => relative(top, resolve(path)))
    .filter((path) => path !== '' && !path.startsWith('..') && !isAbsolute(path))
    .map((path) => `:(top,literal,exclude)${path}`);

/** Entries of `status -z`: two letters, a space, the path; a rename is followed by where it came from. */
const changedFiles = (status: string): string[] => {
  const entries = status.split('\0').filter((entry) => entry !== '');
  const files: string[] = [];
  for (let index = 0; index < entries.length; index += 1) {
    const entry = entries[index] ?? '';
    files.push(entry.slice(3));
    if (/^[RC]|^.[RC]/.test(entry)) index += 1;
  }
  return files;
};

const uncommittedFiles = async (top: string, options: InspectionOptions): Promise<string[]> => {
  const ignored = ignoredBy(top, options.ignore ?? []);
  const { stdout } = await ask(
    top,
    ['status', '--porcelain=v1', '-z', '--untracked-files=normal', '--', '.', ...ignored],
    options,
  );
  return changedFiles(stdout);
};

/** @throws {PartituraError} as `inspectRepository` */
export const inspectLocalRepository = async (
  path: string,
  options: InspectionOptions,
): Promise<InspectedRepository> => {
  const directory = await existingDirectory(resolve(path));
  const { top, bare } = await findTop(directory, options);
  const begun = await hasCommits(top, options);
  // Files that nobody committed would be missing from the run; a bare repository has none.
  if (!begun && !bare) throw noCommits(top);
  const baseBranch = options.baseBranch ?? (await checkedOutBranch(top, options));
  if (!begun) return { url: top, location: 'local', baseBranch, headCommit: null, bare, uncommitted: [] };
  const headCommit = await headOf(top, baseBranch, options);
  const changed = bare ? [] : await uncommittedFiles(top, options);
  const uncommitted = changed.slice(0, listedFiles);
  if (changed.length > 0 && options.allowUncommitted !== true) {
    throw new RepositoryDirtyError(top, uncommitted, changed.length);
  }
  return { url: top, location: 'local', baseBranch, headCommit, bare, uncommitted };
};
