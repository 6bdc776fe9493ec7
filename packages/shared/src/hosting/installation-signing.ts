import { join } from 'node:path';
import { type Configuration, PartituraError } from '../runtime/index.ts';
import { type Signing, signingKeyFrom } from '../sealing/signing-key.ts';
import type { Host } from './host.ts';
import { keptSecret, secretIfKept } from './kept-secret.ts';

const fileName = 'signing-key';

/**
 * What seals and bundles are signed with, from the configuration. One process that has its data directory for itself makes a key
 * there, once; several processes have to be given the same.
 * @throws {PartituraError} `KEYS_REQUIRED` where there is no data directory to keep one in, `SECRET_KEY_UNUSABLE`
 */
export const installationSigning = async ({
  configuration,
  paths,
}: Pick<Host, 'configuration' | 'paths'>): Promise<Signing> => {
  const { signingKey, trustedKeys, data } = configuration;
  if (signingKey === null && paths === null)
    throw new PartituraError(
      'KEYS_REQUIRED',
      'PARTITURA_SIGNING_KEY is not set: seals of the log that replicas sign with keys of their own prove nothing.',
      { advice: 'Give all services the same random key, and keep it: openssl rand -hex 32' },
    );
  const key = signingKeyFrom(signingKey ?? usable(await keptSecret(data, fileName), data));
  return { key, trusted: new Set([key.fingerprint, ...trustedKeys]) };
};

/** Whose signatures are good, where nothing may be written: no key is made. */
export const trustedFingerprints = async (
  configuration: Pick<Configuration, 'signingKey' | 'trustedKeys' | 'data'>,
): Promise<ReadonlySet<string>> => {
  const { signingKey, trustedKeys, data } = configuration;
  const kept = await secretIfKept(data, fileName);
  const own = [signingKey, kept === null ? null : usable(kept, data)].flatMap((seed) => seed ?? []);
  return new Set([...own.map((seed) => signingKeyFrom(seed).fingerprint), ...trustedKeys]);
};

const usable = (seed: string, data: string): string => {
  if (/^[0-9a-f]{64}$/.test(seed)) return seed;
  throw new PartituraError(
    'SECRET_KEY_UNUSABLE',
    `${join(data, fileName)} has no key of 64 characters in it.`,
    {
      advice:
        'Restore it from a backup: seals that were signed with the key that it had are not trusted without.',
    },
  );
};
