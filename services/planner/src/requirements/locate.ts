/** The lines of a PRD, made ready for being searched for what a model says stands in them. */
export interface SearchableText {
  readonly lines: readonly string[];
  readonly wordsOfLine: readonly ReadonlySet<string>[];
  readonly linesOfWord: ReadonlyMap<string, readonly number[]>;
}

/** Scripts without spaces between words are compared by character. */
const wordOrCharacter = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}]+/gu;
/** `a`, `in`, `is`: they stand everywhere and say nothing of a place. */
const tooShort = /^\p{Script=Latin}{1,2}$/u;

/** Words without their endings, so that "shortens" is found for "shorten". */
const wordsOf = (text: string): string[] =>
  (text.normalize('NFKC').toLowerCase().match(wordOrCharacter) ?? [])
    .filter((word) => !tooShort.test(word))
    .map((word) => (word.length > 4 ? word.replace(/(ing|ed|es|s|en|e)$/, '') : word));

export const searchable = (text: string): SearchableText => {
  const lines = text.split(/\r\n|\r|\n/);
  const wordsOfLine = lines.map((line) => new Set(wordsOf(line)));
  const linesOfWord = new Map<string, number[]>();
  for (const [index, words] of wordsOfLine.entries()) {
    for (const word of words) {
      const known = linesOfWord.get(word);
      if (known) known.push(index);
      else linesOfWord.set(word, [index]);
    }
  }
  return { lines, wordsOfLine, linesOfWord };
};

/** How far around a line its sentence may stand: lines before it, and after it. */
interface Reach {
  readonly back: number;
  readonly on: number;
}
const sentence: Reach = { back: 2, on: 2 };
/** A list that is one requirement has a line for each word or two. */
const listOf = (words: readonly string[]): Reach => ({ back: 2, on: Math.min(60, words.length) });
/** The share of the words that has to stand there for it to be the place. */
const enough = 0.45;

/**
 * The 1-based line on which a text stands: the one that is named when it stands there or close by, else the best one of all.
 * Null when it stands nowhere: then it is not of this PRD.
 */
export const locate = (
  text: string,
  sourceId: string | null,
  named: number,
  prd: SearchableText,
): number | null => {
  if (sourceId !== null && prd.lines[named - 1]?.includes(sourceId)) return named;
  const words = [...new Set(wordsOf(text))];
  if (words.length === 0) return null;
  const standsAt = (line: number, reach: Reach): boolean =>
    isLine(line, prd) && shareAround(words, line - 1, reach, prd) >= enough;
  if (standsAt(named, sentence)) return named;
  const bySourceId = sourceId === null ? -1 : prd.lines.findIndex((line) => line.includes(sourceId));
  if (bySourceId >= 0) return bySourceId + 1;
  const best = bestLine(words, prd);
  if (standsAt(best, sentence)) return best;
  return [named, best].find((line) => standsAt(line, listOf(words))) ?? null;
};

const isLine = (line: number, { lines }: SearchableText): boolean => line >= 1 && line <= lines.length;

const shareAround = (
  words: readonly string[],
  index: number,
  { back, on }: Reach,
  { wordsOfLine }: SearchableText,
): number => {
  const near = wordsOfLine.slice(Math.max(0, index - back), index + on + 1);
  return words.filter((word) => near.some((line) => line.has(word))).length / words.length;
};

/** The 1-based line with the most of the words, of equals the first; 0 when there is none. */
const bestLine = (words: readonly string[], { linesOfWord }: SearchableText): number => {
  const hits = new Map<number, number>();
  for (const line of words.flatMap((word) => linesOfWord.get(word) ?? [])) {
    hits.set(line, (hits.get(line) ?? 0) + 1);
  }
  let best = { line: -1, count: 0 };
  for (const [line, count] of hits) {
    if (count > best.count || (count === best.count && line < best.line)) best = { line, count };
  }
  return best.line + 1;
};
