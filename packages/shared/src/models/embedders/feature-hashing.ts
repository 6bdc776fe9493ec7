import type { Embedder } from '../port.ts';

/** FNV-1a, 32 bits: fast on short strings and spread well enough for buckets. Part of the format: never change it. */
const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  // FNV's low bits depend on few of the input's; a final mix spreads them.
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
};

/** English words that are in every text and say nothing of it. Without them two texts would be alike for being English. */
const common = new Set(
  'a an and are as at be been but by can could did do does for from had has have if in into is it its may must no not of on or our shall should so such than that the their them then there these they this to was we were when which will with without would you your'.split(
    ' ',
  ),
);

/** Words as people write them, and the parts of those that programmers write: `parseHttpUrl` is `parse`, `http` and `url` too. */
const wordsOf = (text: string): readonly string[] => {
  const words: string[] = [];
  for (const [word] of text.normalize('NFKC').matchAll(/[\p{L}\p{N}_]+/gu)) {
    words.push(word.toLowerCase());
    const parts = word
      .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
      .split(/[\s_]+/)
      .filter((part) => part !== '');
    if (parts.length > 1) words.push(...parts.map((part) => part.toLowerCase()));
  }
  return words;
};

const gramLength = 4;

/** What two words that are alike share: `scheduler` and `scheduling` have most of their letters in common. */
const gramsOf = (word: string): readonly string[] => {
  const bounded = `^${word}$`;
  const grams: string[] = [];
  for (let start = 0; start + gramLength <= bounded.length; start += 1)
    grams.push(bounded.slice(start, start + gramLength));
  return grams;
};

/** Repetition counts, but less each time; a word counts as much as all its pieces, a pair of words in a row half as much. */
const featuresOf = (text: string): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  const add = (feature: string, weight: number): void => {
    counts.set(feature, (counts.get(feature) ?? 0) + weight);
  };
  let previous: string | null = null;
  for (const word of wordsOf(text)) {
    if (common.has(word)) continue;
    add(`w:${word}`, 1);
    if (previous !== null) add(`p:${previous} ${word}`, 0.5);
    const grams = gramsOf(word);
    for (const gram of grams) add(`g:${gram}`, 1 / Math.sqrt(grams.length));
    previous = word;
  }
  return counts;
};

const normalised = (vector: Float64Array): readonly number[] => {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return Array.from(vector, (value) => (length === 0 ? 0 : value / length));
};

const embed = (text: string, dimensions: number): readonly number[] => {
  const vector = new Float64Array(dimensions);
  for (const [feature, count] of featuresOf(text)) {
    const hashed = hash(feature);
    const bucket = (hashed >>> 1) % dimensions;
    // A random sign makes collisions cancel out instead of adding up.
    vector[bucket] =
      (vector[bucket] ?? 0) + (hashed & 1 ? 1 : -1) * (1 + Math.log(Math.max(count, 1))) * Math.min(count, 1);
  }
  return normalised(vector);
};

/**
 * Words, pairs of words and pieces of words, hashed into a vector. It finds what shares words, not what means the same, and
 * is named as what it is. Deterministic, on this machine, for nothing.
 */
export const featureHashingEmbedder = ({
  dimensions = 256,
}: {
  readonly dimensions?: number;
} = {}): Embedder => ({
  name: `feature-hashing/${dimensions}`,
  dimensions,
  embed: async (texts, signal) => {
    signal.throwIfAborted();
    return texts.map((text) => embed(text, dimensions));
  },
});
