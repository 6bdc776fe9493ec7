/** Names for files and functions, from whatever a PRD says: plain ASCII, never empty, never reserved. */

const smallWords: ReadonlySet<string> = new Set(
  (
    'a an and any are as at be been being but by can could do does for from has have i if in into is it its may must ' +
    'not of on only or our shall should so such than that the their them then there these they this those to user users ' +
    'want we when which while who will with would you your system application app story'
  ).split(' '),
);

/** The ASCII words of a text, in order, accents taken off. */
export const wordsOf = (text: string): string[] =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/['’]/g, '')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());

const tellingWords = (text: string, most: number): string[] => {
  const words = wordsOf(text);
  const telling = words.filter((word) => !smallWords.has(word) && (word.length > 1 || /[0-9]/.test(word)));
  return (telling.length > 0 ? telling : words).slice(0, most).map((word) => word.slice(0, 24));
};

/** `create-short-link`; the fallback where no word is left. */
export const slug = (text: string, fallback: string, most = 4): string => {
  const words = tellingWords(text, most);
  return words.length === 0 ? fallback : words.join('-').slice(0, 48).replace(/-+$/, '');
};

const reserved: ReadonlySet<string> = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends ' +
    'false finally for function if implements import in instanceof interface let new null package private protected ' +
    'public return static super switch this throw true try typeof undefined var void while with yield requirements ' +
    'requirement test assert name object array string number boolean symbol date math json map set error promise'
  ).split(' '),
);

/** `createShortLink`. */
export const functionName = (text: string, fallback: string): string => {
  const words = tellingWords(text, 4);
  if (words.length === 0) return fallback;
  const name = words
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
  if (/^[0-9]/.test(name)) return `${fallback}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return reserved.has(name.toLowerCase()) ? `${name}Rule` : name;
};

/** Gives each name once; the next time with a number behind it. */
export const onceEach = (): ((name: string) => string) => {
  const given = new Set<string>();
  return (name) => {
    let unique = name;
    for (let number = 2; given.has(unique.toLowerCase()); number += 1)
      unique = `${name}${/-/.test(name) ? '-' : ''}${number}`;
    given.add(unique.toLowerCase());
    return unique;
  };
};

/** On one line, at most so many characters. */
export const short = (text: string, most: number): string => {
  const line = text.toWellFormed().replaceAll(/\s+/g, ' ').trim();
  return line.length <= most
    ? line
    : `${line
        .slice(0, most - 1)
        .toWellFormed()
        .replaceAll('\uFFFD', '')
        .trimEnd()}…`;
};

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `R1, R2 and R5`. */
export const enumeration = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
