import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import {
  isFact,
  type KeptGitBundle,
  type RecordedAs,
  recordedIn,
  streamName,
} from '@partitura/shared/events';
import { git } from '@partitura/shared/repositories';
import { onClone } from '../workspaces/clone.ts';
import type { ProjectRepository } from '../workspaces/index.ts';
import { draftPath } from './draft.ts';
import { writeKept } from './kept-git-bundle.ts';

/** The branches of runs that were made elsewhere: as they came, and only for looking at and going on from. */
export interface ImportedBranches {
  /**
   * Brings those that came with the run into the clone, under names of their own; false when there are none. One at a time in a clone:
   * fetches fight for its locks.
   */
  bringInto(repository: ProjectRepository, runId: string, signal: AbortSignal): Promise<boolean>;
  /** Those of all runs of the clone's project. */
  bringAllInto(repository: ProjectRepository, signal: AbortSignal): Promise<void>;
  /** The git bundle itself, as it came; null when there is none. */
  original(runId: string): Promise<KeptGitBundle | null>;
}

export interface ImportedBranchesDependencies {
  readonly store: EventStore;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly dataDirectory: string;
}

export const importedPlace = (runId: string): string => join('imported', `${runId}.git`);

/** What an imported branch is called in a clone, where the same name may be something else. */
export const importedReference = (runId: string, branch: string): string =>
  `refs/imported/${runId}/${branch}`;

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Says which git bundle a repository was made of: a run that went on where it was made comes again, with another one. */
const markerIn = (gitDirectory: string): string => join(gitDirectory, 'partitura-bundle');

const isMadeOf = async (gitDirectory: string, bundle: KeptGitBundle | undefined): Promise<boolean> => {
  if (bundle === undefined) return exists(join(gitDirectory, 'HEAD'));
  return (await readFile(markerIn(gitDirectory), 'utf8').catch(() => null)) === bundle.sha256;
};

/** Fills a repository beside its place and moves it there whole: a half-filled one would be taken for all there is. */
export const unbundle = async (
  file: string,
  bundle: KeptGitBundle,
  { runId, gitDirectory }: { readonly runId: string; readonly gitDirectory: string },
  signal: AbortSignal,
): Promise<void> => {
  if (await isMadeOf(gitDirectory, bundle)) return;
  await mkdir(dirname(gitDirectory), { recursive: true });
  const making = await mkdtemp(join(dirname(gitDirectory), '.making-'));
  const names = ['refs/heads/', 'refs/remotes/origin/', importedReference(runId, '')];
  const refspecs = names.map((name) => `+${name}*:refs/heads/*`);
  const fetch = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--', file, ...refspecs];
  try {
    await git(['init', '--quiet', '--bare', '--template=', '--', making], { signal });
    await git(fetch, { gitDirectory: making, access: 'user', signal });
    await writeFile(markerIn(making), bundle.sha256);
    await rm(gitDirectory, { recursive: true, force: true });
    await rename(making, gitDirectory);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    // Somebody else was quicker: the same bundle is the same branches.
    if (!(await isMadeOf(gitDirectory, bundle))) throw error;
  }
};

const isImport = isFact('bundle.imported');

/** Null also while it is under way. */
const lastImport = async (
  store: EventStore,
  runId: string,
): Promise<RecordedAs<'bundle.imported'>['data'] | null> => {
  const end = { direction: 'backwards', limit: 1 } as const;
  const [last] = (await Array.fromAsync(store.readStream(streamName('bundle', runId), end))).flat();
  return last !== undefined && isImport(last) ? last.data : null;
};

const importedRuns = async (store: EventStore, projectId: string): Promise<readonly string[]> => {
  const runs = new Set<string>();
  for await (const { events } of store.readAll({ filter: { categories: ['bundle'] } }))
    for (const { type, data } of recordedIn('bundle', events))
      if (type === 'bundle.import_started' && data.projectId === projectId) runs.add(data.runId);
  return [...runs];
};

export const importedBranches = (dependencies: ImportedBranchesDependencies): ImportedBranches => {
  const { store, blobs, dataDirectory } = dependencies;

  /** Another replica may have taken the import: what it kept is made again here. Null when there was nothing to keep. */
  const placeOf = async (runId: string, signal: AbortSignal): Promise<string | null> => {
    const imported = await lastImport(store, runId);
    if (imported === null || imported.repository === null) return null;
    const place = resolve(dataDirectory, importedPlace(runId));
    if (await isMadeOf(place, imported.gitBundle)) return place;
    if (imported.gitBundle === undefined) return null;
    const draft = await draftPath(dataDirectory);
    try {
      await writeKept(imported.gitBundle, blobs, draft);
      await unbundle(draft, imported.gitBundle, { runId, gitDirectory: place }, signal);
    } finally {
      await rm(draft, { force: true });
    }
    return place;
  };

  const bringInto: ImportedBranches['bringInto'] = async (repository, runId, signal) => {
    const place = await placeOf(runId, signal);
    if (place === null) return false;
    const refspec = `+refs/heads/*:${importedReference(runId, '*')}`;
    const fetch = ['fetch', '--quiet', '--prune', '--no-tags', '--no-write-fetch-head', '--', place, refspec];
    await onClone(repository, fetch, { access: 'user', signal });
    return true;
  };

  return {
    bringInto,
    bringAllInto: async (repository, signal) => {
      for (const runId of await importedRuns(store, repository.projectId))
        await bringInto(repository, runId, signal);
    },
    original: async (runId) => (await lastImport(store, runId))?.gitBundle ?? null,
  };
};
