import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What only the services' own user reads; and what the engines read as well, whose users are in that user's group. */
const own = 0o400;
const shared = 0o440;

const isThere = (error: unknown): boolean =>
  Error.isError(error) && 'code' in error && error.code === 'EEXIST';

/** What the file says: what it said before, if it is there. Two that write at once agree on one, and no one reads a half. */
const kept = async (path: string, content: string, mode: number): Promise<string> => {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, content, { mode, flag: 'wx' });
  try {
    await link(draft, path);
  } catch (error) {
    if (!isThere(error)) throw error;
  } finally {
    await rm(draft);
  }
  return await readFile(path, 'utf8');
};

/** 32 random bytes, in hexadecimal: safe in a URL, a shell and a configuration file as it is. */
const random = (): string => randomBytes(32).toString('hex');

const apiKey = (): string => `ptk_${randomBytes(6).toString('hex')}_${random()}`;

/**
 * Makes the keys and passwords of an installation, once: files that are there stay as they are. The services get their engines'
 * URLs with the passwords in them; the engines get the passwords.
 */
export const makeSecrets = async (directory: string): Promise<void> => {
  const file = (name: string, content: string, mode = own) => kept(join(directory, name), content, mode);
  await file('service-key', random());
  await file('secret-key', random());
  await file('signing-key', random());
  await file('api-key', apiKey());
  const queue = await file('queue-password', random(), shared);
  const readModels = await file('read-models-password', random(), shared);
  const knowledge = await file('knowledge-password', random(), shared);
  const blobs = await file('blobs-password', random(), shared);
  await file('redis.conf', `requirepass ${queue}\n`, shared);
  await file('queue-url', `redis://:${queue}@redis:6379/0`);
  await file('read-models-url', `mongodb://partitura:${readModels}@mongodb:27017/partitura?authSource=admin`);
  await file('knowledge-url', `postgres://partitura:${knowledge}@postgres:5432/partitura`);
  await file('blobs-url', `s3://partitura:${blobs}@minio:9000/partitura?tls=false&pathStyle=true`);
};

if (import.meta.main) await makeSecrets(process.argv[2] ?? '/run/partitura');
