import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { checkPrd, maximumPrdBytes } from '@partitura/shared/prd';
import { PartituraError } from '@partitura/shared/runtime';
import type { Context } from '../context.ts';
import { nearest } from './nearest.ts';

export interface GivenPrd {
  /** `PRD.md`, or what stands for a file's name. */
  readonly name: string;
  readonly text: string;
  /** Absolute; null when it is no file. */
  readonly path: string | null;
  /** What a new repository is called. */
  readonly slug: string;
}

/**
 * The PRD of an argument: a file; `-` for standard input; or, with a space in it and no such file, a goal in plain words.
 * @throws {PartituraError} `PRD_NOT_FOUND`, `PRD_IS_DIRECTORY`, `PRD_NOT_READABLE`, and those of `checkPrd`
 */
export const readGivenPrd = async (
  given: string,
  { stdin, workingDirectory }: Context,
): Promise<GivenPrd> => {
  if (given === '-') return fromText('PRD.md', checkPrd(await buffer(stdin)));
  // The empty name is that of the working directory, about which nobody asked.
  if (given.trim() === '') return fromText('GOAL.md', checkPrd(given));
  const path = resolve(workingDirectory, given);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) {
    if (isMissing(found) && /\s/.test(given.trim())) return fromText('GOAL.md', checkPrd(given));
    throw isMissing(found) ? await notFound(given, path) : notReadable(given, found);
  }
  if (found.isDirectory())
    throw new PartituraError('PRD_IS_DIRECTORY', `${given} is a directory, not a PRD.`, {
      advice: (await textsIn(path)) ?? 'Name the file in it.',
    });
  if (found.size > maximumPrdBytes) throw tooLarge(given, found.size);
  const text = checkPrd(
    await readFile(path).catch((error: NodeJS.ErrnoException) => {
      throw notReadable(given, error);
    }),
  );
  return { name: basename(path), text, path, slug: slugOf(basename(path, extname(path))) };
};

const isMissing = (error: NodeJS.ErrnoException): boolean =>
  ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(error.code ?? '');

const fromText = (name: string, text: string): GivenPrd => ({
  name,
  text,
  path: null,
  slug: slugOf(headline(text)),
});

const headline = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(/^#+\s*/, '').trim())
    .find((line) => line !== '') ?? '';

const longestSlug = 40;

/** For a directory's name: `A link shortener, with QR codes` → `a-link-shortener-with-qr-codes`. */
const slugOf = (title: string): string => {
  const words =
    title
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  let slug = '';
  for (const word of words) {
    const longer = slug === '' ? word.slice(0, longestSlug) : `${slug}-${word}`;
    if (longer.length > longestSlug) break;
    slug = longer;
  }
  return slug === '' ? 'project' : slug;
};

const notFound = async (given: string, path: string): Promise<PartituraError> => {
  const names = await readdir(dirname(path)).catch(() => []);
  const near = nearest(basename(path), names);
  const words =
    'For a goal in plain words, put it in quotes: partitura run "a link shortener with a click counter"';
  return new PartituraError('PRD_NOT_FOUND', `There is no file ${given}.`, {
    advice:
      near.length > 0
        ? `Did you mean ${near.map((name) => join(dirname(given), name)).join(' or ')}?`
        : words,
  });
};

const notReadable = (given: string, error: NodeJS.ErrnoException): PartituraError =>
  new PartituraError(
    'PRD_NOT_READABLE',
    `${given} cannot be read: ${error.code === 'EACCES' ? 'you have no right to' : error.message}.`,
    {
      advice: 'Give yourself the right to read it, or pass another file.',
      cause: error,
    },
  );

/** Said without reading it: it may be a disk image. */
const tooLarge = (given: string, bytes: number): PartituraError => {
  const inMebibytes = (size: number): string => `${(Math.ceil((size / 2 ** 20) * 100) / 100).toFixed(2)} MiB`;
  return new PartituraError(
    'PRD_TOO_LARGE',
    `${given} has ${inMebibytes(bytes)}; at most ${inMebibytes(maximumPrdBytes)} can be read.`,
    { advice: 'Keep to what is to be built, and leave attachments, logs and exports out.' },
  );
};

const textsIn = async (path: string): Promise<string | null> => {
  const names = (await readdir(path).catch(() => []))
    .filter((name) => /\.(md|markdown|txt)$/i.test(name))
    .slice(0, 5);
  return names.length === 0 ? null : `Name one of the files in it: ${names.join(', ')}.`;
};
