import type { RunChange } from '@partitura/shared/http';

/** What one subject has to say of the way from one state to another. */
export type { RunChange };

/** As people write it: “Title”, no longer than a line. */
export const named = (title: string): string => `“${title.length > 80 ? `${title.slice(0, 79)}…` : title}”`;

/** What others said may end with a full stop of its own. */
export const asSentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : several}`;

/** Of what costs something, never nothing: to the micro-dollar, which is the least that is counted. */
const digitsOf = (usd: number): number => {
  if (usd === 0 || usd >= 0.01) return 2;
  return usd < 0.0001 ? 6 : 4;
};
export const dollars = (usd: number): string => `$${usd.toFixed(digitsOf(usd))}`;

interface Identified {
  readonly id: string;
}

/** What is there at the second moment, each with what it was at the first. */
export const pairsOf = <Item extends Identified>(
  before: readonly Item[],
  after: readonly Item[],
): readonly (readonly [was: Item | null, is: Item])[] => {
  const byId = new Map(before.map((item) => [item.id, item]));
  return after.map((item) => [byId.get(item.id) ?? null, item]);
};
