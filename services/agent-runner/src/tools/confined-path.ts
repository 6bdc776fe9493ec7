import { constants, type FileHandle, lstat, mkdir, open, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

/** A path that must not be used: the text tells the model why, in its own terms. */
export class PathRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PathRefused';
  }
}

const maxPathLength = 4_096;

// What file systems that fold case, drop dots and spaces at the end, or have short names (GIT~1), take for `.git`; characters that
// some of them ignore within a name are taken out first.
const ignorable = /[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;
const isGitDirectory = (name: string): boolean =>
  /^(\.git|git~\d+)$/.test(
    name
      .normalize('NFKC')
      .replaceAll(ignorable, '')
      .toLowerCase()
      .replace(/[. ]+$/, '')
      .replace(/:.*$/, ''),
  );

const requirePlain = (path: string): void => {
  if (path.includes('\0')) throw new PathRefused('The path has a NUL character in it.');
  if (path.length > maxPathLength) throw new PathRefused('The path is too long.');
  if (path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path)) {
    throw new PathRefused(
      `"${path}" is an absolute path. Paths are relative to the work tree's top, as in "src/index.js".`,
    );
  }
  if (path.startsWith('~'))
    throw new PathRefused(`"${path}": there is no home directory, only the work tree.`);
};

const isWithin = (path: string, root: string): boolean => path === root || path.startsWith(root + sep);

const outside = (path: string): PathRefused =>
  new PathRefused(`"${path}" is outside of the work tree, where there is nothing for you.`);

const requireNotGit = (shown: string, real: string, root: string): void => {
  if (!relative(root, real).split(sep).some(isGitDirectory)) return;
  throw new PathRefused(
    `"${shown}" is git's own. Commits are made for you; the files there cannot be read or written.`,
  );
};

/** Where the path really leads: links are followed as far as it exists, and what does not exist yet is put behind that. */
const follow = async (path: string, depth = 0): Promise<string> => {
  if (depth > 40) throw new PathRefused('Its links lead in a circle.');
  const real = await realpath(path).catch(() => null);
  if (real !== null) return real;
  const parent = dirname(path);
  if (parent === path) return path;
  const realParent = await follow(parent, depth + 1);
  const here = join(realParent, basename(path));
  const found = await lstat(here).catch(() => null);
  if (!found?.isSymbolicLink()) return here;
  // A link to something that is not there (yet): what counts is where writing through it would write.
  return await follow(resolve(realParent, await readlink(here)), depth + 1);
};

export interface ConfinedPath {
  /** Absolute, without any link in it. */
  readonly real: string;
  /** Relative to the work tree's top; `.` is the top. */
  readonly shown: string;
  readonly root: string;
}

/**
 * The one place where a path of a model becomes a path of the machine.
 * @throws {PathRefused}
 */
export const confinePath = async (worktreePath: string, path: string): Promise<ConfinedPath> => {
  requirePlain(path);
  const root = await realpath(worktreePath);
  const wanted = resolve(root, path === '' ? '.' : path);
  if (!isWithin(wanted, root)) throw outside(path);
  requireNotGit(path, wanted, root);
  const real = await follow(wanted);
  if (!isWithin(real, root)) throw outside(path);
  requireNotGit(path, real, root);
  const shown = relative(root, wanted);
  return { real, shown: shown === '' ? '.' : shown, root };
};

/** Linux names open files: what is reached through such a name cannot be exchanged for something else any more. */
const nameOf = (handle: FileHandle): string => `/proc/self/fd/${handle.fd}`;

const whereIs = (handle: FileHandle): Promise<string | null> => readlink(nameOf(handle)).catch(() => null);

/**
 * Opens the directory that a file is in, and makes sure that it is the one that was judged: a command that exchanges it for a link in
 * between gets nowhere. `directory` is how to name it from then on.
 */
export const inDirectoryOf = async <Result>(
  path: ConfinedPath,
  work: (directory: string) => Promise<Result>,
): Promise<Result> => {
  const parent = dirname(path.real);
  const handle = await open(parent, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const where = await whereIs(handle);
    // Where there is no /proc the check before has to do.
    if (where === null) return await work(parent);
    if (where !== parent || !isWithin(where, path.root)) throw outside(path.shown);
    return await work(nameOf(handle));
  } finally {
    await handle.close();
  }
};

/** @throws {PathRefused} when a directory on the way was exchanged for a link that leads out */
export const makeDirectoriesFor = async (path: ConfinedPath): Promise<void> => {
  const parent = dirname(path.real);
  await mkdir(parent, { recursive: true });
  if ((await realpath(parent)) !== parent) throw outside(path.shown);
};

/** Opens for reading, never through a link, and never waiting for the other end of a pipe. */
export const openConfined = (path: ConfinedPath): Promise<FileHandle> =>
  inDirectoryOf(path, (directory) =>
    open(
      join(directory, basename(path.real)),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    ),
  );
