import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository, which is the context that images are built from. */
export const root = fileURLToPath(new URL('../../../..', import.meta.url));

export const readRepositoryFile = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

export const temporaryFolder = async (): Promise<TemporaryFolder> => {
  const path = await mkdtemp(join(tmpdir(), 'partitura-docker-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 20 }) };
};
