import { execFile } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { GitError, isGitRunningOn } from '@partitura/shared/repositories';

const run = promisify(execFile);

/** The lock that a git command stopped at, if that is why it failed: `Unable to create '/…/index.lock': File exists.` */
export const lockInTheWay = (error: unknown): string | null => {
  if (!(error instanceof GitError) || !error.stderr.includes('File exists')) return null;
  return /Unable to create '([^']+\.lock)'/.exec(error.stderr)?.[1] ?? null;
};

const isGit = (commandLine: readonly string[]): boolean => /(^|\/)git(-[a-z-]+)?$/.test(commandLine[0] ?? '');

const commandLinesOfProc = async (): Promise<string[][] | null> => {
  const entries = await readdir('/proc').catch(() => null);
  if (entries === null || !entries.includes('self')) return null;
  const processes = entries.filter((name) => /^\d+$/.test(name));
  const read = (entry: string) => readFile(join('/proc', entry, 'cmdline'), 'utf8').catch(() => '');
  return (await Promise.all(processes.map(read))).map((line) => line.split('\0'));
};

const commandLinesOfPs = async (): Promise<string[][]> => {
  const { stdout } = await run('ps', ['-axo', 'command=']);
  return stdout.split('\n').map((line) => line.split(' '));
};

/** Every git of ours is told its directory on the command line, so that a survivor of a killed runner can be recognised. */
const isAbandoned = async (gitDirectory: string): Promise<boolean> => {
  if (isGitRunningOn(gitDirectory)) return false;
  const commandLines = (await commandLinesOfProc()) ?? (await commandLinesOfPs());
  return !commandLines.some((line) => isGit(line) && line.some((part) => part.includes(gitDirectory)));
};

interface Ours {
  readonly gitDirectory: string;
  readonly repositoryPath: string;
}

/** Whether there was such a lock, and it is gone now. */
const removeStaleLock = async (ours: Ours, error: unknown): Promise<boolean> => {
  const lock = lockInTheWay(error);
  if (!lock?.startsWith(ours.repositoryPath + sep)) return false;
  // A work tree's own lock is its own git's; one of the clone itself may be anybody's that works on the clone.
  const owner = lock.startsWith(ours.gitDirectory + sep) ? ours.gitDirectory : ours.repositoryPath;
  if (!(await isAbandoned(owner))) return false;
  await rm(lock, { force: true });
  return true;
};

/** A killed command may have left several: of the index, of a reference, of the configuration. */
const maxLocks = 4;

/**
 * Runs git work; when it stops at a lock that a killed git process left in one of `ours`, takes the lock away and tries once more. A
 * lock whose owner may be alive is never touched: the failure goes to the caller.
 */
export const withoutStaleLocks = async <Result>(ours: Ours, work: () => Promise<Result>): Promise<Result> => {
  for (let removed = 0; ; removed += 1) {
    try {
      return await work();
    } catch (error) {
      if (removed >= maxLocks || !(await removeStaleLock(ours, error))) throw error;
    }
  }
};
