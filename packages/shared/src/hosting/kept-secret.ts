import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const onlyForOwner = 0o600;
const bytes = 32;

/** A secret that one process keeps in its data directory: 32 random bytes in hex, made when there is none yet. */
export const keptSecret = async (data: string, fileName: string): Promise<string> => {
  await mkdir(data, { recursive: true });
  const path = join(data, fileName);
  return ((await readIfThere(path)) ?? (await makeOnce(path))).trim();
};

/** The same, where nothing may be written: null when there is none. */
export const secretIfKept = async (data: string, fileName: string): Promise<string | null> =>
  (await readIfThere(join(data, fileName)))?.trim() ?? null;

/** Written as a whole before it has its name: a crash leaves no half of a key, and of two that start one wins. */
const makeOnce = async (path: string): Promise<string> => {
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, randomBytes(bytes).toString('hex'), { mode: onlyForOwner, flush: true });
  try {
    await link(draft, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(path, 'utf8');
};

const readIfThere = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
};

const hasCode = (error: unknown, code: string): boolean =>
  Error.isError(error) && 'code' in error && error.code === code;
