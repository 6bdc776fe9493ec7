import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitOptions, type GitResult, git } from '@partitura/shared/repositories';
import { z } from 'zod';
import { commitAt, head, onClone } from './clone.ts';
import type { ProjectRepository, Worktree } from './port.ts';
import { withoutStaleLocks } from './stale-locks.ts';

/** Git in a work tree. It is told both directories: a `.git` file that an agent wrote is never read. */
export const inWorktree = (
  worktree: Worktree,
  args: readonly string[],
  options: GitOptions & { readonly signal: AbortSignal },
): Promise<GitResult> =>
  withoutStaleLocks({ gitDirectory: worktree.gitDirectory, repositoryPath: worktree.repository.path }, () =>
    git(args, { gitDirectory: worktree.gitDirectory, workTree: worktree.path, ...options }),
  );

/** Written when a work tree is whole. One without it was never handed to anybody, so there is nothing in it to lose. */
const markerSchema = z.strictObject({
  attemptId: z.string(),
  branch: z.string().nullable(),
  baseCommit: z.string(),
});
export type WorktreeMarker = z.infer<typeof markerSchema>;

const markerName = 'partitura.json';

export const readMarker = async (gitDirectory: string): Promise<WorktreeMarker | null> => {
  const content = await readFile(join(gitDirectory, markerName), 'utf8').catch(() => null);
  if (content === null) return null;
  try {
    return markerSchema.parse(JSON.parse(content));
  } catch {
    return null;
  }
};

export const writeMarker = async (gitDirectory: string, marker: WorktreeMarker): Promise<void> => {
  const temporary = join(gitDirectory, `${markerName}.new`);
  await writeFile(temporary, JSON.stringify(marker));
  await rename(temporary, join(gitDirectory, markerName));
};

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

export const registeredAt = (repository: ProjectRepository, name: string): string =>
  join(repository.path, 'worktrees', name);

const linkOf = (gitDirectory: string): string => `gitdir: ${gitDirectory}\n`;

/** What the attempt left, if it is whole. Its `.git` file is put right, should something have changed it. */
export const reopenWorktree = async (
  repository: ProjectRepository,
  name: string,
  path: string,
): Promise<WorktreeMarker | null> => {
  const gitDirectory = registeredAt(repository, name);
  const marker = await readMarker(gitDirectory);
  if (marker === null || !(await exists(path))) return null;
  const link = join(path, '.git');
  if ((await readFile(link, 'utf8').catch(() => null)) !== linkOf(gitDirectory)) {
    await rm(link, { recursive: true, force: true });
    await writeFile(link, linkOf(gitDirectory));
  }
  return marker;
};

/** Takes away what a crash left half-made. Files whose registration is gone with the clone are not ours to judge: they are kept. */
export const clearHalfMade = async (
  repository: ProjectRepository,
  name: string,
  path: string,
): Promise<void> => {
  const gitDirectory = registeredAt(repository, name);
  if (await exists(gitDirectory)) {
    await rm(path, { recursive: true, force: true });
    await rm(gitDirectory, { recursive: true, force: true });
    return;
  }
  if (!(await exists(path))) return;
  for (let number = 1; ; number += 1) {
    const aside = `${path}.orphan-${number}`;
    if (await exists(aside)) continue;
    await rename(path, aside);
    return;
  }
};

/** Registers a work tree without its files; the clone is locked by the caller. */
export const registerWorktree = async (
  repository: ProjectRepository,
  place: {
    readonly name: string;
    readonly path: string;
    readonly branch: string | null;
    readonly from: string;
  },
  signal: AbortSignal,
): Promise<void> => {
  await mkdir(join(place.path, '..'), { recursive: true });
  const add = ['worktree', 'add', '--quiet', '--no-checkout'];
  if (place.branch === null) {
    await onClone(repository, [...add, '--detach', '--', place.path, place.from], { signal });
    return;
  }
  const known = await commitAt(repository, head(place.branch), signal);
  const args =
    known === null
      ? [...add, '--no-track', '-b', place.branch, '--', place.path, place.from]
      : [...add, '--', place.path, place.branch];
  await onClone(repository, args, { signal });
};

/** Writes the files and marks the work tree as whole. */
export const fillWorktree = async (
  worktree: Worktree,
  marker: WorktreeMarker,
  signal: AbortSignal,
): Promise<void> => {
  await inWorktree(worktree, ['reset', '--quiet', '--hard'], { signal });
  await writeMarker(worktree.gitDirectory, marker);
};
