import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Worktree } from '../workspaces/index.ts';
import {
  type ConfinedPath,
  confinePath,
  inDirectoryOf,
  makeDirectoriesFor,
  openConfined,
  PathRefused,
} from './confined-path.ts';

export const contentHash = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex');

const codeOf = (error: unknown): string | null =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;

/** What the system said, for a model that can do something about it; null when it cannot be its doing. */
export const explainFileError = (shown: string, error: unknown): string | null => {
  if (error instanceof PathRefused) return error.message;
  switch (codeOf(error)) {
    case 'ENOENT':
      return `There is no "${shown}". Use list_files to see what there is.`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `"${shown}" goes through a file as if it were a directory.`;
    case 'EISDIR':
      return `"${shown}" is a directory, not a file.`;
    case 'ELOOP':
      return `"${shown}" is a link that leads in a circle or was exchanged while it was opened.`;
    case 'ENAMETOOLONG':
      return `The name "${shown}" is too long.`;
    case 'EACCES':
    case 'EPERM':
      return `"${shown}" may not be opened.`;
    case 'ENOSPC':
      return 'There is no space left on the disk.';
    default:
      return null;
  }
};

export interface ReadFile {
  readonly path: ConfinedPath;
  /** The first `maxBytes` of it. */
  readonly content: Buffer;
  readonly size: number;
  readonly mode: number;
  readonly binary: boolean;
}

const sniffedBytes = 8_000;

export const readConfined = async (worktree: Worktree, path: string, maxBytes: number): Promise<ReadFile> => {
  const confined = await confinePath(worktree.path, path);
  const handle = await openConfined(confined);
  try {
    const found = await handle.stat();
    if (found.isDirectory())
      throw new PathRefused(`"${confined.shown}" is a directory. Use list_files to see what is in it.`);
    if (!found.isFile()) throw new PathRefused(`"${confined.shown}" is neither a file nor a directory.`);
    const buffer = Buffer.alloc(Math.min(found.size, maxBytes));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    const content = buffer.subarray(0, bytesRead);
    const binary = content.subarray(0, sniffedBytes).includes(0);
    return { path: confined, content, size: found.size, mode: found.mode & 0o777, binary };
  } finally {
    await handle.close();
  }
};

const draftsOf = (worktree: Worktree): string => join(worktree.gitDirectory, 'partitura-drafts');

/** A name that may not be in the way: what stands there is replaced as a whole or not at all, so that no crash leaves half a file. */
const replace = async (draft: string, path: ConfinedPath): Promise<void> => {
  await inDirectoryOf(path, async (directory) => {
    const target = join(directory, basename(path.real));
    try {
      await rename(draft, target);
    } catch (error) {
      // The work tree is on another disk than its git directory.
      if (codeOf(error) !== 'EXDEV') throw error;
      await copyFile(draft, target);
    }
  });
};

/** `mode` is that of the file before, which is kept; null for a new file. */
export const writeConfined = async (
  worktree: Worktree,
  path: ConfinedPath,
  content: string,
  details: { readonly toolCallId: string; readonly mode: number | null },
): Promise<void> => {
  const drafts = draftsOf(worktree);
  await mkdir(drafts, { recursive: true });
  const draft = join(drafts, contentHash(`${details.toolCallId} ${path.real}`));
  try {
    await writeFile(draft, content);
    if (details.mode !== null) await chmod(draft, details.mode);
    await makeDirectoriesFor(path);
    await replace(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
};

const journalOf = (worktree: Worktree, toolCallId: string): string =>
  join(worktree.gitDirectory, 'partitura-edits', contentHash(toolCallId));

/** Written before the edit: what the file will be. Whoever makes the edit again after a crash sees whether it was made. */
export const announceEdit = async (
  worktree: Worktree,
  toolCallId: string,
  resultHash: string,
): Promise<void> => {
  const journal = journalOf(worktree, toolCallId);
  await mkdir(join(journal, '..'), { recursive: true });
  await writeFile(journal, resultHash);
};

export const announcedEdit = (worktree: Worktree, toolCallId: string): Promise<string | null> =>
  readFile(journalOf(worktree, toolCallId), 'utf8').catch(() => null);
