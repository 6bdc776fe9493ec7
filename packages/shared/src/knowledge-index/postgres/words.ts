/** PostgreSQL takes 1 MB of words per row, FTS5 has no limit; no node comes near. In UTF-16 units. */
const mostCharacters = 100_000;
const mostAsked = 64;

/**
 * Words and numbers, in small letters and without accents, as FTS5's `unicode61` cuts them. PostgreSQL's own parser would take
 * `src/parser.ts` or `up-to-date` for one word and not find it by its parts.
 */
export const wordsOf = (text: string): readonly string[] =>
  text
    .slice(0, mostCharacters)
    .normalize('NFKD')
    .replaceAll(/\p{Mn}+/gu, '')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? [];

export const plainWords = (text: string): string => wordsOf(text).join(' ');

/** Any of the words, each quoted: none of it can be read as an operator. Empty when there is none. */
export const anyOfTheWords = (text: string): string =>
  [...new Set(wordsOf(text))]
    .slice(0, mostAsked)
    .map((word) => `'${word}'`)
    .join(' | ');

/** PostgreSQL stores no NUL, and ids come from outside too; half a character becomes a replacement character on its way. */
export const storable = (text: string): string => text.replaceAll('\0', '\u{FFFD}').toWellFormed();
