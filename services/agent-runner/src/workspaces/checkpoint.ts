import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommitIdentity, GitError } from '@partitura/shared/repositories';
import type { Checkpoint, Worktree } from './port.ts';
import { exists, inWorktree } from './worktree.ts';

const maxNested = 50;

/** A repository inside the work tree would be committed as a mere pointer, its files lost: its `.git` is put away, the files stay. */
const putNestedAway = async (worktree: Worktree, folder: string): Promise<boolean> => {
  const nested = join(worktree.path, folder, '.git');
  if (folder === '' || folder.startsWith('..') || !(await exists(nested))) return false;
  const shelf = join(worktree.gitDirectory, 'partitura-nested');
  await mkdir(shelf, { recursive: true });
  for (let number = 1; ; number += 1) {
    const place = join(shelf, String(number));
    if (await exists(place)) continue;
    await rename(nested, place);
    return true;
  }
};

const nestedInTheWay = (error: unknown): string | null =>
  error instanceof GitError
    ? (/'([^']+)\/' does not have a commit checked out/.exec(error.stderr)?.[1] ?? null)
    : null;

const stageAll = async (worktree: Worktree, signal: AbortSignal): Promise<void> => {
  for (let put = 0; ; put += 1) {
    try {
      await inWorktree(worktree, ['add', '--all'], { signal });
      return;
    } catch (error) {
      const folder = nestedInTheWay(error);
      if (folder === null || put >= maxNested || !(await putNestedAway(worktree, folder))) throw error;
    }
  }
};

/** Folders that were staged as pointers to a nested repository's commit; submodules that the project has had before are not. */
const stagedPointers = async (worktree: Worktree, signal: AbortSignal): Promise<string[]> => {
  const args = [
    'diff',
    '--cached',
    '--raw',
    '-z',
    '--no-renames',
    '--ignore-submodules=none',
    '--diff-filter=AT',
    'HEAD',
    '--',
  ];
  const { stdout } = await inWorktree(worktree, args, { signal });
  const fields = stdout.split('\0');
  const folders: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    if (/^:\d+ 160000 /.test(fields[index] ?? '')) folders.push(fields[index + 1] ?? '');
  }
  return folders;
};

const stageNested = async (worktree: Worktree, signal: AbortSignal): Promise<void> => {
  const pointers = await stagedPointers(worktree, signal);
  for (const folder of pointers) {
    await putNestedAway(worktree, folder);
    await inWorktree(worktree, ['rm', '--quiet', '--cached', '-f', '--', `:(literal)${folder}`], { signal });
  }
  if (pointers.length > 0) await stageAll(worktree, signal);
};

export const headOf = async (worktree: Worktree, signal: AbortSignal): Promise<string> => {
  const { stdout } = await inWorktree(worktree, ['rev-parse', '--verify', 'HEAD^{commit}'], { signal });
  return stdout.trim();
};

interface Size {
  readonly filesChanged: number;
  readonly insertions: number;
  readonly deletions: number;
}

/** Lines of `--numstat`: insertions, deletions (both `-` for a binary file), path. */
const sizeBetween = async (
  worktree: Worktree,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<Size> => {
  const args = ['diff', '--numstat', '--no-renames', '--no-ext-diff', '--no-textconv', '-z', from, to, '--'];
  const { stdout } = await inWorktree(worktree, args, { signal });
  let size: Size = { filesChanged: 0, insertions: 0, deletions: 0 };
  for (const line of stdout.split('\0').filter((entry) => entry !== '')) {
    const [insertions, deletions] = line.split('\t');
    size = {
      filesChanged: size.filesChanged + 1,
      insertions: size.insertions + (Number(insertions) || 0),
      deletions: size.deletions + (Number(deletions) || 0),
    };
  }
  return size;
};

export const commitAll = async (
  worktree: Worktree,
  details: { readonly message: string; readonly identity: CommitIdentity; readonly since: string },
  signal: AbortSignal,
): Promise<Checkpoint | null> => {
  await stageAll(worktree, signal);
  await stageNested(worktree, signal);
  const args = ['diff', '--cached', '--quiet', '--ignore-submodules=none', 'HEAD', '--'];
  const { exitCode } = await inWorktree(worktree, args, { signal, accept: [0, 1] });
  if (exitCode === 1) {
    await inWorktree(worktree, ['commit', '--quiet', '--no-verify', '--cleanup=whitespace', '--file=-'], {
      signal,
      identity: details.identity,
      input: details.message,
    });
  }
  const commit = await headOf(worktree, signal);
  if (commit === details.since) return null;
  return { commit, ...(await sizeBetween(worktree, details.since, commit, signal)) };
};

export const diffSince = async (
  worktree: Worktree,
  options: { readonly since: string; readonly maxBytes: number },
  signal: AbortSignal,
): Promise<{ text: string; truncated: boolean; files: string[] }> => {
  // New files are part of what changed: git shows them once they are announced.
  await stageAll(worktree, signal);
  const range = ['diff', '--cached', '--no-ext-diff', '--no-textconv', '--no-color'];
  const names = await inWorktree(worktree, [...range, '--name-only', '-z', options.since, '--'], { signal });
  const { stdout, cut } = await inWorktree(worktree, [...range, options.since, '--'], {
    signal,
    maxOutputBytes: options.maxBytes,
    cutOutput: true,
  });
  return { text: stdout, truncated: cut, files: names.stdout.split('\0').filter((name) => name !== '') };
};
