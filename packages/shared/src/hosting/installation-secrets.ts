import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PartituraError } from '../runtime/index.ts';
import type { Host } from './host.ts';

/** What secrets in the log are sealed with. Whoever has it and the log has the secrets. */
export interface InstallationSecrets {
  readonly current: string;
  /** What was sealed with the key before can still be opened. */
  readonly previous: string | null;
}

const fileName = 'secret-key';
const onlyForOwner = 0o600;

/**
 * From the configuration. One process that has its data directory for itself makes a key there, once; several processes have to be
 * given the same.
 * @throws {PartituraError} `KEYS_REQUIRED` where there is no data directory to keep one in, `SECRET_KEY_UNUSABLE`
 */
export const installationSecrets = async ({
  configuration,
  paths,
}: Pick<Host, 'configuration' | 'paths'>): Promise<InstallationSecrets> => {
  const { secretKey, previousSecretKey: previous, data } = configuration;
  if (secretKey !== null) return { current: secretKey, previous };
  if (paths === null)
    throw new PartituraError(
      'KEYS_REQUIRED',
      'PARTITURA_SECRET_KEY is not set: secrets of webhooks must not stand in the log as they are.',
      { advice: 'Give all services the same random key, and keep it: openssl rand -hex 32' },
    );
  return { current: await keptKey(data), previous };
};

const keptKey = async (data: string): Promise<string> => {
  await mkdir(data, { recursive: true });
  const path = join(data, fileName);
  const key = (await readIfThere(path)) ?? (await makeOnce(path));
  if (key.trim().length >= 32) return key.trim();
  throw new PartituraError('SECRET_KEY_UNUSABLE', `${path} has no key of 32 characters in it.`, {
    advice: 'Restore it from a backup: what was sealed with the key that it had can be opened with no other.',
  });
};

/** Written as a whole before it has its name: a crash leaves no half of a key, and of two that start one wins. */
const makeOnce = async (path: string): Promise<string> => {
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, randomBytes(32).toString('hex'), { mode: onlyForOwner, flush: true });
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
