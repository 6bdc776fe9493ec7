/** The lines of a PRD, made ready for being searched for what a model says stands in them. */
export interface SearchableText {
  readonly lines: readonly string[];
  readonly wordsOfLine: readonly ReadonlySet<string>[];
  readonly linesOfWord: ReadonlyMap<string, readonly number[]>;
}

/** Words without their endings, so that "shortens" is found for "shorten"; all letters of all languages. */
const wordsOf = (text: string): string[] =>
  (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).map((word) => (word.length > 4 ? word.replace(/(ing|ed|es|s|en|e)$/, '') : word));

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

/** A sentence may run over this many lines before and after the one that is named. */
const reach = 2;
/** The share of the words that has to stand at a place nobody named for it to be the place. */
const enough = 0.5;
/** Less will do at the line that was named: a requirement is said in other words than the PRD's, and with what its heading says. */
const enoughWhereNamed = 0.25;

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
  if (isLine(named, prd) && shareAround(words, named - 1, prd) >= enoughWhereNamed) return named;
  const bySourceId = sourceId === null ? -1 : prd.lines.findIndex((line) => line.includes(sourceId));
  if (bySourceId >= 0) return bySourceId + 1;
  const best = bestLine(words, prd);
  return best !== null && shareAround(words, best, prd) >= enough ? best + 1 : null;
};

const isLine = (line: number, { lines }: SearchableText): boolean => line >= 1 && line <= lines.length;

const shareAround = (words: readonly string[], index: number, { wordsOfLine }: SearchableText): number => {
  const near = wordsOfLine.slice(Math.max(0, index - reach), index + reach + 1);
  return words.filter((word) => near.some((line) => line.has(word))).length / words.length;
};

/** The line with the most of the words; of equals the first. */
const bestLine = (words: readonly string[], { linesOfWord }: SearchableText): number | null => {
  const hits = new Map<number, number>();
  for (const line of words.flatMap((word) => linesOfWord.get(word) ?? [])) {
    hits.set(line, (hits.get(line) ?? 0) + 1);
  }
  let best = { line: -1, count: 0 };
  for (const [line, count] of hits) {
    if (count > best.count || (count === best.count && line < best.line)) best = { line, count };
  }
  return best.line < 0 ? null : best.line;
};
