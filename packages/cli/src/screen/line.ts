import type { Mark } from './symbols.ts';

/** One line of the report, or several pieces that may stand on one. */
export interface Line {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly pieces: readonly Piece[];
}

export interface Piece {
  readonly mark: Mark;
  readonly text: string;
}

export const line = (at: number, mark: Mark, text: string): Line => ({ at, pieces: [{ mark, text }] });

/** Parts that say something, in one text. */
export const joined = (...parts: readonly (string | null)[]): string =>
  parts.filter((part) => part !== null && part !== '').join(' · ');

const control = /\p{Cc}+/gu;

/** Text from a model or a person as one harmless line: an escape sequence in a title must not reach the terminal. */
export const oneLine = (text: string, length = 160): string => {
  const flat = text.replace(control, ' ').replace(/\s+/g, ' ').trim();
  return flat.length > length ? `${flat.slice(0, length - 1).toWellFormed()}…` : flat;
};
