import { realpath, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { createRepository, inspectRepository, RepositoryDirtyError } from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';
import type { Context } from '../context.ts';
import { confirm } from './ask.ts';
import { canAsk } from './can-ask.ts';
import type { GivenPrd } from './read-prd.ts';

export interface RepositoryChoice {
  readonly repo?: string | undefined;
  readonly base?: string | undefined;
  readonly yes?: boolean | undefined;
}

/** Where the run is to work. A new one is made by `make`, when everything else is known to be right. */
export interface ChosenRepository {
  readonly url: string;
  readonly baseBranch: string;
  /** For the reader: why this one. */
  readonly told: string;
  readonly make: (() => Promise<void>) | null;
}

/**
 * The repository that was named; else `./<name of the PRD>`, which is made when it is not there.
 * @throws {PartituraError} those of `inspectRepository`, `REPOSITORY_PATH_TAKEN`
 */
export const chooseRepository = async (
  prd: GivenPrd,
  choice: RepositoryChoice,
  context: Context,
  dataDirectory: string,
): Promise<ChosenRepository> => {
  const { workingDirectory } = context;
  const given = choice.repo;
  const look = (path: string) => looked(path, choice, context, ignored(prd, dataDirectory));
  if (given !== undefined)
    return existing(await look(isUrl(given) ? given : resolve(workingDirectory, given)));
  const path = join(workingDirectory, prd.slug);
  const shown = `./${relative(workingDirectory, path)}`;
  if (!(await isThere(path))) {
    if (choice.base !== undefined)
      throw new PartituraError(
        'BASE_BRANCH_NOT_FOUND',
        `--base ${choice.base} names a branch, but ${shown} is a new repository.`,
        {
          advice: 'Name the repository with --repo, or leave --base out.',
        },
      );
    return newRepository(path, shown, prd);
  }
  const found = await look(path).catch((error: unknown) => {
    throw isNone(error) ? taken(shown) : error;
  });
  // A folder in another repository is not the project's own.
  if (resolve(found.url) !== (await realpath(path))) throw taken(shown);
  return { ...existing(found), told: `${shown}, which is there` };
};

const existing = ({ url, baseBranch }: { url: string; baseBranch: string }): ChosenRepository => ({
  url,
  baseBranch,
  told: url,
  make: null,
});

/** Somebody's own name would be better, but a machine without one must not stop a first run. */
const identity = { name: 'Partitura', email: 'partitura@localhost' };

const newRepository = (path: string, shown: string, prd: GivenPrd): ChosenRepository => ({
  url: path,
  baseBranch: 'main',
  told: `${shown}, a new repository`,
  make: async () => {
    const readme = `# ${prd.slug}\n\nWhat is to be built stands in [${prd.name}](${encodeURI(prd.name)}).\n`;
    await createRepository(path, {
      files: { 'README.md': readme, [prd.name]: prd.text },
      message: `Begin with ${prd.name}`,
      identity,
    });
  },
});

const isUrl = (text: string): boolean =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[^/\s]+@[^/\s]+:/.test(text);

const isThere = async (path: string): Promise<boolean> => (await stat(path).catch(() => null)) !== null;

const ignored = (prd: GivenPrd, dataDirectory: string): readonly string[] =>
  prd.path === null ? [dataDirectory] : [dataDirectory, prd.path];

/** With uncommitted changes it is asked whether to go on without them, where there is somebody to ask. */
const looked = async (
  path: string,
  choice: RepositoryChoice,
  context: Context,
  ignore: readonly string[],
) => {
  const options = { ignore, ...(choice.base === undefined ? {} : { baseBranch: choice.base }) };
  try {
    return await inspectRepository(path, { ...options, allowUncommitted: choice.yes === true });
  } catch (error) {
    if (!(error instanceof RepositoryDirtyError)) throw error;
    if (!canAsk(context)) throw dirty(error);
    context.output.warn(error.message);
    if (!(await confirm('Start from the last commit, without them?'))) throw dirty(error);
    return await inspectRepository(path, { ...options, allowUncommitted: true });
  }
};

const dirty = (error: RepositoryDirtyError): PartituraError =>
  new PartituraError(error.code, error.message, {
    advice: 'Commit or stash them, or go on from the last commit with --yes.',
    cause: error,
  });

const isNone = (error: unknown): boolean =>
  error instanceof PartituraError && ['NOT_A_REPOSITORY', 'REPOSITORY_NOT_FOUND'].includes(error.code);

const taken = (shown: string): PartituraError =>
  new PartituraError('REPOSITORY_PATH_TAKEN', `${shown} exists and is not a git repository of its own.`, {
    advice: `Name the repository to work on with --repo, or make this one (cd ${shown} && git init, then commit).`,
  });
