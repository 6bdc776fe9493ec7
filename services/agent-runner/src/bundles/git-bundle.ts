import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { RepositoryPart } from '@partitura/shared/bundles';
import type { RunConfiguration } from '@partitura/shared/events';
import type { Bytes } from '@partitura/shared/http';
import { git, withoutCredentials } from '@partitura/shared/repositories';
import { fetchBranch, onClone } from '../workspaces/clone.ts';
import type { ProjectRepository, Workspaces } from '../workspaces/index.ts';

export interface GitBundleDependencies {
  readonly workspaces: Pick<Workspaces, 'openProjectRepository'>;
  readonly exclusively: <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;
  readonly dataDirectory: string;
}

interface Wanted {
  readonly runId: string;
  readonly projectId: string;
  readonly configuration: Pick<RunConfiguration, 'repository' | 'branch'>;
}

const fetchPatienceMs = 10_000;

/** A file in the data directory that is gone when its work is done. */
export const draftPath = async (dataDirectory: string): Promise<string> => {
  // Git runs elsewhere: a relative path would be one in its own directory.
  const directory = resolve(dataDirectory, 'bundles');
  await mkdir(directory, { recursive: true });
  return join(directory, `${randomBytes(8).toString('hex')}.draft`);
};

/** The run's branches out of the runner's clone, brought up to the project's repository where that can be reached. */
export const repositoryPart = async (
  dependencies: GitBundleDependencies,
  wanted: Wanted,
  path: string,
  signal: AbortSignal,
): Promise<RepositoryPart> => {
  const { repository: place, branch } = wanted.configuration;
  if (place === null || branch === null) return { missing: 'The run had no repository.' };
  const { workspaces, exclusively } = dependencies;
  const clone = await workspaces.openProjectRepository(wanted.projectId, place.url, signal);
  const problem = await exclusively(clone.path, () => brought(clone, branch, signal));
  const references = await branchesOf(clone, branch, wanted.runId, signal);
  if (references.size === 0) {
    const where = withoutCredentials(place.url);
    return {
      missing: `The repository ${where} has no branch of the run any more${problem === null ? '' : `: ${problem}`}.`,
    };
  }
  await onClone(clone, ['bundle', 'create', '--quiet', path, ...references.keys()], { signal });
  const branches = Object.fromEntries([...references].map(([name, commit]) => [shortName(name), commit]));
  return { path, content: { ...(await measured(path)), branches } };
};

const brought = async (
  clone: ProjectRepository,
  branch: string,
  signal: AbortSignal,
): Promise<string | null> => {
  try {
    await fetchBranch(clone, branch, AbortSignal.any([signal, AbortSignal.timeout(fetchPatienceMs)]));
    return null;
  } catch (error) {
    // What is here already is taken along all the same.
    signal.throwIfAborted();
    return Error.isError(error) ? error.message.replace(/\.$/, '') : 'it does not answer';
  }
};

const places = ['refs/heads/', 'refs/remotes/origin/'];
const shortName = (reference: string): string =>
  places.reduce((name, place) => (name.startsWith(place) ? name.slice(place.length) : name), reference);

/** Full names with their commits: the run's branch, and those of its attempts that are still there. */
const branchesOf = async (
  clone: ProjectRepository,
  branch: string,
  runId: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> => {
  const format = '--format=%(refname) %(objectname)';
  const { stdout } = await onClone(clone, ['for-each-ref', format, ...places], { signal });
  const found = new Map<string, string>();
  const named = new Set<string>();
  for (const line of stdout.split('\n')) {
    const [name = '', commit = ''] = line.split(' ');
    const short = shortName(name);
    if ((short !== branch && !short.includes(runId)) || named.has(short)) continue;
    named.add(short);
    found.set(name, commit);
  }
  return found;
};

const measured = async (path: string) => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { size: (await stat(path)).size, sha256: hash.digest('hex') };
};

/** Brings the branches of a git bundle into a repository that is kept for the run. @returns its place below the data directory */
export const keepRepository =
  (dataDirectory: string, signal: AbortSignal) =>
  async (runId: string, bundle: Bytes): Promise<string> => {
    const place = join('imported', `${runId}.git`);
    const gitDirectory = resolve(dataDirectory, place);
    const draft = await draftPath(dataDirectory);
    try {
      await pipeline(bundle, createWriteStream(draft));
      const file = `${draft}.bundle`;
      await rename(draft, file);
      await git(['init', '--quiet', '--bare', '--template=', '--', gitDirectory], { signal });
      const refspecs = places.map((name) => `+${name}*:refs/heads/*`);
      await git(['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--', file, ...refspecs], {
        gitDirectory,
        access: 'user',
        signal,
      });
      await rm(file, { force: true });
      return place;
    } finally {
      await rm(draft, { force: true });
    }
  };
