import { join } from 'node:path';
import { PartituraError } from '../runtime/index.ts';
import type { Host } from './host.ts';
import { keptSecret } from './kept-secret.ts';

/** What secrets in the log are sealed with. Whoever has it and the log has the secrets. */
export interface InstallationSecrets {
  readonly current: string;
  /** What was sealed with the key before can still be opened. */
  readonly previous: string | null;
}

const fileName = 'secret-key';

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
  const key = await keptSecret(data, fileName);
  if (key.length >= 32) return key;
  throw new PartituraError(
    'SECRET_KEY_UNUSABLE',
    `${join(data, fileName)} has no key of 32 characters in it.`,
    {
      advice:
        'Restore it from a backup: what was sealed with the key that it had can be opened with no other.',
    },
  );
};
