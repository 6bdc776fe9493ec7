/** How identifiers are found in texts: in either case, composed or decomposed, as JSON and URLs write them, and as whole words. */

/** Scripts that put no space between words, so that nothing can be said of where one ends. */
const unspaced = String.raw`\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}`;
const inWord = String.raw`[\p{L}\p{M}\p{N}]`;
/** In a text that is JSON or a URL the end of an escape is not part of a word. */
const before = String.raw`(?:(?<!${inWord})|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2}))`;
const after = `(?!${inWord})`;
const isInWord = new RegExp(inWord, 'u');
const isUnspaced = new RegExp(`[${unspaced}]`, 'u');

/** White space of any kind and length, also where JSON has written it. */
const gap = String.raw`(?:[\s\u00a0]|\\+[nrt]|\\+u(?:00a0|0020)|%20|\+|&nbsp;)+`;

/** A source that matches any of them, the longest first, for the flags `giu`; null for none. */
export const sourceOf = (identifiers: readonly string[]): string | null => {
  // As it is, too: some characters are in neither of the two normal forms.
  const forms = new Set(identifiers.flatMap((one) => [one, one.normalize('NFC'), one.normalize('NFD')]));
  const longestFirst = [...forms].sort((left, right) => right.length - left.length);
  return longestFirst.length === 0 ? null : longestFirst.map(wordOf).join('|');
};

const wordOf = (form: string): string => {
  const characters = [...form.trim()];
  const spelled = form
    .trim()
    .split(/\s+/u)
    .map((word) => [...word].map(spellingOf).join(''));
  return `${edge(characters[0], before)}${spelled.join(gap)}${edge(characters.at(-1), after)}`;
};

const edge = (character: string | undefined, boundary: string): string =>
  character !== undefined && isInWord.test(character) && !isUnspaced.test(character) ? boundary : '';

/** A character as it is, escaped in JSON however deep, or percent-encoded. */
const spellingOf = (character: string): string => {
  const literal = RegExp.escape(character);
  if (/[A-Za-z0-9]/.test(character)) return literal;
  const encoded = character.isWellFormed() ? encodeURIComponent(character) : character;
  const spellings = [literal, ...(/["\\/]/.test(character) ? [String.raw`\\+${literal}`] : [])];
  // A URL may have any character percent-encoded; these are those that it has to.
  if (encoded !== character) spellings.push(encoded);
  const units = character.split('').map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'));
  if (!/[\x20-\x7e]/.test(character)) spellings.push(units.map((unit) => String.raw`\\+u${unit}`).join(''));
  return `(?:${spellings.join('|')})`;
};
