import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** A file in the data directory that is gone when its work is done. */
export const draftPath = async (dataDirectory: string): Promise<string> => {
  // Git runs elsewhere: a relative path would be one in its own directory.
  const directory = resolve(dataDirectory, 'bundles');
  await mkdir(directory, { recursive: true });
  return join(directory, `${randomBytes(8).toString('hex')}.draft`);
};
