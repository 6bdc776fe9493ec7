import type { InlineText } from './inline-text.ts';

export interface Sentence {
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

/** A full stop that ends no sentence: `e.g.`, `etc.)`, `vs.`, `No. 4`, `v1.2`, initials. */
const abbreviation =
  /(?:\b(?:e\.g|i\.e|etc|vs|approx|no|resp|incl|excl|max|min|fig|cf|dr|mr|mrs|st|inc|ltd)|\b[A-Z])\.$/i;

const boundary = /[.!?。！？]+["'”’)\]]*(?=\s|$)|[。！？]/g;

/** A paragraph's sentences, each with the line it begins on. */
export const sentencesOf = (inline: InlineText): Sentence[] => {
  const sentences: Sentence[] = [];
  let start = 0;
  const push = (end: number): void => {
    const raw = inline.text.slice(start, end);
    const text = raw.trim();
    if (text !== '') {
      sentences.push({ text, line: inline.lineAt(start + raw.length - raw.trimStart().length) });
    }
    start = end;
  };
  for (const match of inline.text.matchAll(boundary)) {
    const end = match.index + match[0].length;
    const following = inline.text.slice(end).trimStart().charAt(0);
    const goesOn =
      /\p{Ll}/u.test(following) || abbreviation.test(inline.text.slice(Math.max(start, end - 12), end));
    if (!goesOn || /[。！？]/.test(match[0])) push(end);
  }
  push(inline.text.length);
  return sentences;
};

/** Says that something has to be, or can be done. */
export const demands = (text: string): boolean =>
  /\b(?:must|shall|should|will|can(?:not)?|may|needs? to|ha(?:s|ve) to|required|never|always|supports?|allows?|lets?|enables?|as an? .{1,80} i (?:want|need|can)|i want|we want|want to)\b/i.test(
    text,
  );

/** Demands so plainly that it counts even where only background is told. */
export const insists = (text: string): boolean =>
  /\b(?:must|shall|is required to|are required to|as an? .{1,80}[,]? i (?:want|need))\b/i.test(text);
