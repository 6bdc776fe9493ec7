import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { PartituraError } from '../runtime/errors.ts';
import { git } from './git.ts';
import type { CommitIdentity, InspectedRepository } from './port.ts';

export interface NewRepository {
  /** Content by relative path; a README at the least, since a repository without a commit cannot be branched from. */
  readonly files: Readonly<Record<string, string>>;
  readonly message: string;
  readonly identity: CommitIdentity;
  readonly signal?: AbortSignal;
}

const initialBranch = 'main';

const requireVacant = async (path: string): Promise<void> => {
  const entries = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new PartituraError(
      'REPOSITORY_PATH_UNUSABLE',
      `${path} cannot be a new repository: ${error.message}.`,
      {
        advice: 'Choose another path with --repo.',
      },
    );
  });
  if (entries.length === 0) return;
  throw new PartituraError('REPOSITORY_PATH_TAKEN', `${path} exists and is not empty.`, {
    advice: 'Give it as --repo if it is the repository to work on, or choose another path.',
  });
};

const writeInto = async (directory: string, path: string, content: string): Promise<void> => {
  const target = join(directory, path);
  if (!target.startsWith(directory + sep)) {
    throw new PartituraError('REPOSITORY_PATH_UNUSABLE', `"${path}" is not a path inside of a repository.`);
  }
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
};

/**
 * A new repository with one commit on `main`. It is made beside the path and moved there at the end: what is at the path is a whole
 * repository or nothing.
 * @throws {PartituraError} REPOSITORY_PATH_TAKEN, REPOSITORY_PATH_UNUSABLE, GIT_NOT_INSTALLED, GIT_FAILED
 */
export const createRepository = async (
  path: string,
  details: NewRepository,
): Promise<InspectedRepository> => {
  const target = resolve(path);
  await requireVacant(target);
  await mkdir(dirname(target), { recursive: true });
  const making = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  try {
    for (const [file, content] of Object.entries(details.files)) await writeInto(making, file, content);
    const options = {
      cwd: making,
      identity: details.identity,
      ...(details.signal === undefined ? {} : { signal: details.signal }),
    };
    await git(['init', '--quiet', '--template=', `--initial-branch=${initialBranch}`], options);
    await git(['add', '--all'], options);
    await git(['commit', '--quiet', '--allow-empty', `--message=${details.message}`], options);
    const { stdout } = await git(['rev-parse', 'HEAD'], options);
    await chmod(making, 0o755);
    await rename(making, target);
    const headCommit = stdout.trim();
    return {
      url: target,
      location: 'local',
      baseBranch: initialBranch,
      headCommit,
      bare: false,
      uncommitted: [],
    };
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    throw error;
  }
};
