import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BlobStore } from '@partitura/shared/blobs';
import type { KeptRepository, RepositoryPart } from '@partitura/shared/bundles';
import type { RunConfiguration } from '@partitura/shared/events';
import type { Bytes } from '@partitura/shared/http';
import { withoutCredentials } from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';
import { fetchBranch, onClone } from '../workspaces/clone.ts';
import type { ProjectRepository, Workspaces } from '../workspaces/index.ts';
import { draftPath } from './draft.ts';
import { type ImportedBranches, importedPlace, importedReference, unbundle } from './imported-branches.ts';
import { keepInParts, writeKept } from './kept-git-bundle.ts';

export interface GitBundleDependencies {
  readonly workspaces: Pick<Workspaces, 'openProjectRepository'>;
  readonly exclusively: <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;
  readonly imported: ImportedBranches;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly dataDirectory: string;
}

interface Wanted {
  readonly runId: string;
  readonly projectId: string;
  readonly configuration: Pick<RunConfiguration, 'repository' | 'branch'>;
}

const fetchPatienceMs = 10_000;

/**
 * The run's branches out of the runner's clone, brought up to the project's repository where that can be reached, and with what came
 * with it from another installation. As long as there is nothing else to take along, that is the very git bundle that came.
 */
export const repositoryPart = async (
  dependencies: GitBundleDependencies,
  wanted: Wanted,
  path: string,
  signal: AbortSignal,
): Promise<RepositoryPart> => {
  const { repository: place, branch } = wanted.configuration;
  if (place === null || branch === null) return { missing: 'The run had no repository.' };
  const { workspaces, exclusively, imported } = dependencies;
  const clone = await workspaces.openProjectRepository(wanted.projectId, place.url, signal);
  const problem = await exclusively(clone.path, async () => {
    await imported.bringInto(clone, wanted.runId, signal);
    return brought(clone, branch, signal);
  });
  const references = await branchesOf(clone, branch, wanted.runId, signal);
  if (references.size === 0) {
    const where = withoutCredentials(place.url);
    return {
      missing: `The repository ${where} has no branch of the run any more${problem === null ? '' : `: ${problem}`}.`,
    };
  }
  const branches = Object.fromEntries(
    [...references].map(([name, commit]) => [shortName(name, wanted.runId), commit]),
  );
  const original = await imported.original(wanted.runId);
  const names = [...references.keys()];
  if (original !== null && names.every((name) => isImported(name, wanted.runId)))
    await writeKept(original, dependencies.blobs, path);
  else await onClone(clone, ['bundle', 'create', '--quiet', path, ...names], { signal });
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

const placesOf = (runId: string): readonly string[] => [
  'refs/heads/',
  importedReference(runId, ''),
  'refs/remotes/origin/',
];
const shortName = (reference: string, runId: string): string =>
  placesOf(runId).reduce(
    (name, place) => (name.startsWith(place) ? name.slice(place.length) : name),
    reference,
  );
const isImported = (reference: string, runId: string): boolean =>
  reference.startsWith(importedReference(runId, ''));

/** Full names with their commits: the run's branch, and those of its attempts that are still there. */
const branchesOf = async (
  clone: ProjectRepository,
  branch: string,
  runId: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> => {
  const format = '--format=%(refname) %(objectname)';
  const { stdout } = await onClone(clone, ['for-each-ref', format, ...placesOf(runId)], { signal });
  const found = new Map<string, string>();
  const named = new Set<string>();
  // In the order of their names: what is ours comes before what was imported, and that before what the project's repository has.
  for (const line of stdout.split('\n')) {
    const [name = '', commit = ''] = line.split(' ');
    const short = shortName(name, runId);
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

/** Keeps a git bundle for all replicas, and its branches in a repository here. @throws {PartituraError} `BUNDLE_DAMAGED` */
export const keepRepository =
  (
    { dataDirectory, blobs }: { readonly dataDirectory: string; readonly blobs: Pick<BlobStore, 'put'> },
    signal: AbortSignal,
  ) =>
  async (runId: string, bundle: Bytes): Promise<KeptRepository> => {
    const repository = importedPlace(requireRunId(runId));
    const draft = await draftPath(dataDirectory);
    try {
      await pipeline(bundle, createWriteStream(draft));
      const gitBundle = await keepInParts(draft, blobs);
      await unbundle(draft, gitBundle, { runId, gitDirectory: resolve(dataDirectory, repository) }, signal);
      return { repository, gitBundle };
    } finally {
      await rm(draft, { force: true });
    }
  };

/** It names a directory, and whoever made the bundle chose it. */
const requireRunId = (runId: string): string => {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,150}$/.test(runId)) return runId;
  throw new PartituraError('BUNDLE_DAMAGED', `${JSON.stringify(runId)} is no id of a run.`);
};
