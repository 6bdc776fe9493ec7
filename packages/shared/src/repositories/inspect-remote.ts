import { PartituraError } from '../runtime/errors.ts';
import { GitError } from './errors.ts';
import { git } from './git.ts';
import type { InspectedRepository, InspectionOptions } from './port.ts';

const timeoutMs = 60_000;

/** Credentials in a URL are for git, not for a message or a log. */
export const withoutCredentials = (url: string): string => url.replace(/^([a-z+]+:\/\/)[^@/]*@/, '$1');

/** What git says of a repository that it did not get to, as something to do. */
export const explainUnreachable = (url: string, error: unknown): unknown => {
  if (!(error instanceof GitError) || (error.code !== 'GIT_FAILED' && error.code !== 'GIT_TIMED_OUT'))
    return error;
  const shown = withoutCredentials(url);
  const because = error.stderr.replaceAll(url, shown).split('\n')[0] ?? '';
  if (/not found|does not exist|does not appear to be a git repository/i.test(error.stderr)) {
    return new PartituraError('REPOSITORY_NOT_FOUND', `There is no repository at ${shown}: ${because}`, {
      advice: 'Check the address, and that you may see the repository.',
    });
  }
  if (/authentication|permission denied|could not read (username|password)|403|401/i.test(error.stderr)) {
    return new PartituraError('REPOSITORY_UNAUTHORIZED', `${shown} does not let you in: ${because}`, {
      advice: `Set git’s credentials up so that "git ls-remote ${shown}" works without a question.`,
    });
  }
  return new PartituraError(
    'REPOSITORY_UNREACHABLE',
    `${shown} cannot be reached: ${because === '' ? error.message : because}`,
    {
      advice: 'Check the address and the network, then try again.',
    },
  );
};

interface RemoteHeads {
  readonly defaultBranch: string | null;
  readonly commits: ReadonlyMap<string, string>;
}

/** Lines of `ls-remote --symref`: `ref: refs/heads/main<TAB>HEAD` and `<commit><TAB><ref>`. */
const parseHeads = (output: string): RemoteHeads => {
  const commits = new Map<string, string>();
  let defaultBranch: string | null = null;
  for (const line of output.split('\n')) {
    const [left, ref] = line.split('\t');
    if (left === undefined || ref === undefined) continue;
    if (left.startsWith('ref: refs/heads/') && ref === 'HEAD')
      defaultBranch = left.slice('ref: refs/heads/'.length);
    else if (ref.startsWith('refs/heads/')) commits.set(ref.slice('refs/heads/'.length), left);
  }
  return { defaultBranch, commits };
};

const firstBranch = 'main';

/** An empty repository has whatever branch is wanted: the run makes it. */
const requireBase = (url: string, heads: RemoteHeads, wanted: string | undefined): string => {
  if (heads.commits.size === 0) return wanted ?? heads.defaultBranch ?? firstBranch;
  const branch = wanted ?? heads.defaultBranch;
  if (branch !== null && heads.commits.has(branch)) return branch;
  throw new PartituraError(
    'BASE_BRANCH_NOT_FOUND',
    branch === null ? `${url} has no default branch.` : `${url} has no branch "${branch}".`,
    { advice: `There are: ${[...heads.commits.keys()].slice(0, 6).join(', ')}. Choose one with --base.` },
  );
};

/** @throws {PartituraError} as `inspectRepository` */
export const inspectRemoteRepository = async (
  url: string,
  options: InspectionOptions,
): Promise<InspectedRepository> => {
  const output = await git(['ls-remote', '--symref', '--', url, 'HEAD', 'refs/heads/*'], {
    access: 'user',
    timeoutMs,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }).catch((error: unknown) => {
    throw explainUnreachable(url, error);
  });
  const heads = parseHeads(output.stdout);
  const baseBranch = requireBase(withoutCredentials(url), heads, options.baseBranch);
  const headCommit = heads.commits.get(baseBranch) ?? null;
  return { url, location: 'remote', baseBranch, headCommit, bare: true, uncommitted: [] };
};
