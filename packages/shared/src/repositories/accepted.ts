import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { PartituraError } from '../runtime/errors.ts';
import { parseRepositoryAddress } from './names.ts';

/** Ways to a repository that say who is asked, and keep what is said to themselves. */
const sealed = /^(https|ssh|git\+ssh):\/\//;
const unsealed = /^[a-z+]+:\/\//;

const isBelow = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith('..') && !isAbsolute(way));
};

/** Where it really is; what is not there is nowhere. */
const placeOf = (path: string): Promise<string | null> => realpath(resolve(path)).catch(() => null);

const isInside = async (path: string, folders: readonly string[]): Promise<boolean> => {
  const place = await placeOf(path);
  if (place === null) return false;
  const places = await Promise.all(folders.map(placeOf));
  return places.some((folder) => folder !== null && isBelow(folder, place));
};

/**
 * Whether somebody who does not own the installation may name this repository: by https or ssh; by path only below these folders,
 * links followed. What is not there is refused like what is somebody else's, so that nobody learns which it is.
 * @throws {PartituraError} `REPOSITORY_NOT_ALLOWED`, `REPOSITORY_URL_INVALID`
 */
export const requireAcceptedRepository = async (
  pathOrUrl: string,
  folders: readonly string[],
): Promise<void> => {
  const address = parseRepositoryAddress(pathOrUrl);
  const isAccepted =
    address.location === 'local'
      ? await isInside(address.path, folders)
      : sealed.test(address.url) || !unsealed.test(address.url);
  if (isAccepted) return;
  throw new PartituraError('REPOSITORY_NOT_ALLOWED', 'This server does not take that repository.', {
    problems: [
      {
        path: 'body.repository.url',
        message:
          'has to begin with https:// or ssh://, to be of the form user@host:path, or to be in your folder',
      },
    ],
    advice: 'Whoever runs the server sets folders for local ones: PARTITURA_REPOSITORY_FOLDERS.',
  });
};
