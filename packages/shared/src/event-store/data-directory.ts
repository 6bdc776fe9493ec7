import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { PartituraError } from '../runtime/errors.ts';
import type { Clock } from '../runtime/ports.ts';

const holderSchema = z.object({ pid: z.int(), url: z.string().nullable(), startedAt: z.string() });

/** Who has a data directory. */
export interface DataDirectoryHolder {
  readonly pid: number;
  /** Where it serves; null while, or when, it does not. */
  readonly url: string | null;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
}

/** Another process has the directory. With its url, a command can be served by it instead. */
export class DataDirectoryLockedError extends PartituraError {
  /** null when it has not said yet who it is. */
  readonly holder: DataDirectoryHolder | null;

  constructor(path: string, holder: DataDirectoryHolder | null) {
    const who = holder ? `process ${holder.pid}` : 'another process';
    const where = holder?.url ? `, which serves at ${holder.url}` : '';
    super('DATA_DIRECTORY_LOCKED', `The data directory ${path} belongs to ${who}${where}.`, {
      advice: holder?.url
        ? `Give --url ${holder.url} to be served by it, stop it, or name another directory with --data.`
        : 'Wait until it ends, stop it, or name another directory with --data.',
    });
    this.name = 'DataDirectoryLockedError';
    this.holder = holder;
  }
}

export interface DataDirectory {
  readonly path: string;
  /** Lets other processes know where this one serves; null takes it back. */
  announce(url: string | null): Promise<void>;
  release(): Promise<void>;
}

/**
 * Makes this process the only one that writes to the directory, which is created when it is not there. The lock is the
 * operating system's, on an open SQLite transaction: it ends with the process, however that ends, and never has to be broken.
 * @throws {DataDirectoryLockedError} `DATA_DIRECTORY_LOCKED`
 * @throws {PartituraError} `DATA_DIRECTORY_NOT_WRITABLE`
 */
export const acquireDataDirectory = async (
  path: string,
  { clock }: { clock: Clock },
): Promise<DataDirectory> => {
  const infoPath = join(path, 'holder.json');
  const startedAt = new Date(clock.now()).toISOString();
  let released = false;

  const announce = async (url: string | null): Promise<void> => {
    const holder: DataDirectoryHolder = { pid: process.pid, url, startedAt };
    const draft = `${infoPath}.draft`;
    await writeFile(draft, JSON.stringify(holder), { mode: 0o600 });
    await rename(draft, infoPath);
  };

  await writable(path, () => mkdir(path, { recursive: true, mode: 0o700 }));
  const lock = await takeLock(path, infoPath);
  try {
    await writable(path, () => announce(null));
  } catch (error) {
    letGo(lock);
    throw error;
  }

  return {
    path,
    announce,
    release: async () => {
      if (released) return;
      released = true;
      await rm(infoPath, { force: true });
      letGo(lock);
    },
  };
};

/** Who has the directory by its own word; null when nobody says so. It may be gone: only the lock tells. */
export const readDataDirectoryHolder = async (path: string): Promise<DataDirectoryHolder | null> =>
  readHolder(join(path, 'holder.json'));

const readHolder = async (infoPath: string): Promise<DataDirectoryHolder | null> => {
  try {
    return holderSchema.parse(JSON.parse(await readFile(infoPath, 'utf8')));
  } catch {
    return null;
  }
};

const sqliteBusy = 5;

/** Nobody else may refer to a lock for as long as it is held; collected as garbage, it would be open to all. */
const held = new Set<DatabaseSync>();

const takeLock = async (path: string, infoPath: string): Promise<DatabaseSync> => {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(join(path, 'lock.db'));
    // The lock takes two steps: two that come in the same moment hold each other off, and with a moment's patience one gets it.
    database.exec('PRAGMA busy_timeout = 100; BEGIN EXCLUSIVE');
    held.add(database);
    return database;
  } catch (error) {
    database?.close();
    if (resultCode(error) === sqliteBusy)
      throw new DataDirectoryLockedError(path, await readHolder(infoPath));
    throw notWritable(path, error);
  }
};

const letGo = (lock: DatabaseSync): void => {
  held.delete(lock);
  lock.close();
};

const resultCode = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'errcode' in error ? error.errcode : null;

const writable = async (path: string, work: () => Promise<unknown>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    throw notWritable(path, error);
  }
};

const notWritable = (path: string, error: unknown): PartituraError =>
  new PartituraError(
    'DATA_DIRECTORY_NOT_WRITABLE',
    `The data directory ${path} cannot be written: ${String(error)}`,
    {
      advice: 'Give this user the right to write there, or name another directory with --data.',
      cause: error,
    },
  );
