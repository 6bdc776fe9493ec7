import { PartituraError } from '@partitura/shared/runtime';

const bad = (path: string, what: string): PartituraError =>
  new PartituraError('BAD_PATH', `${JSON.stringify(path.slice(0, 200))} ${what}.`, {
    advice: 'Give the file as it stands in the repository, as in "src/app.ts".',
  });

/** Anything below a space, and DEL: nothing of git's output could be read with one in it. */
const hasControlCharacter = (text: string): boolean =>
  [...text].some((character) => character < ' ' || character === '\u007f');

/**
 * A file of a repository, below its top. Only ever looked up in a commit, never opened: what leads out of the repository is refused
 * all the same, because nobody who asks for it means a file of the project.
 * @throws {PartituraError} `BAD_PATH`
 */
export const requireFilePath = (given: string): string => {
  if (hasControlCharacter(given)) throw bad(given, 'has control characters');
  if (/^([/\\~]|[A-Za-z]:[\\/])/.test(given)) throw bad(given, 'is not below the repository’s top');
  const parts = given.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length === 0) throw bad(given, 'names no file');
  if (parts.includes('..')) throw bad(given, 'leads out of the repository');
  if (parts.some((part) => part.toLowerCase() === '.git')) throw bad(given, 'is git’s own');
  return parts.join('/');
};
