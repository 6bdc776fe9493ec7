import type { AnalyticsDimension } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { Asked } from './asked.ts';
import type { Placed } from './reading-facts.ts';

export type Group = { readonly [Dimension in AnalyticsDimension]?: string | null };

const nameIn = (dimension: AnalyticsDimension, placed: Placed): string | null => {
  if (dimension === 'day') return placed.fact.at.slice(0, 10);
  if (dimension === 'month') return placed.fact.at.slice(0, 7);
  return placed[dimension];
};

/** What figures are counted into: a tally for each group, and one for all. */
export interface Tallies<Tally> {
  add(placed: Placed, count: (tally: Tally) => void): void;
  readonly all: Tally;
  readonly groups: readonly (readonly [group: Group, tally: Tally])[];
}

/** Groups in the order of what they are told apart by. */
export const tallies = <Tally>(
  dimensions: readonly AnalyticsDimension[],
  begin: () => Tally,
): Tallies<Tally> => {
  const all = begin();
  const found = new Map<string, readonly [Group, Tally]>();
  const groupOf = (placed: Placed): readonly [Group, Tally] => {
    const values = dimensions.map((dimension) => nameIn(dimension, placed));
    const key = JSON.stringify(values);
    const known = found.get(key);
    if (known) return known;
    const group = Object.fromEntries(dimensions.map((dimension, at) => [dimension, values[at] ?? null]));
    const made = [group, begin()] as const;
    found.set(key, made);
    return made;
  };
  return {
    all,
    add: (placed, count) => {
      count(all);
      if (dimensions.length > 0) count(groupOf(placed)[1]);
    },
    get groups() {
      return [...found].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, group]) => group);
    },
  };
};

export interface Paging {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Says after which group a page goes on. Groups come and go; the order stays. */
const keyOf = (group: Group, dimensions: readonly AnalyticsDimension[]): string =>
  JSON.stringify(dimensions.map((dimension) => group[dimension] ?? null));

/** @throws {PartituraError} `BAD_CURSOR` */
const readCursor = (cursor: string, dimensions: readonly AnalyticsDimension[]): string => {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const [names, key] = text.split('\n');
  if (names === dimensions.join(',') && key !== undefined) return key;
  throw new PartituraError('BAD_CURSOR', 'The cursor is not one that this very question gave out.');
};

/** The answer to a question: a page of its groups, and the sum of all of them. */
export const answerOf = <Tally, Figures>(
  { since, until, dimensions }: Asked,
  { limit, cursor }: Paging,
  { all, groups }: Tallies<Tally>,
  present: (tally: Tally) => Figures,
) => {
  const after = cursor === undefined ? null : readCursor(cursor, dimensions);
  const rest = groups.filter(([group]) => after === null || keyOf(group, dimensions) > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const next = last && rest.length > limit ? `${dimensions.join(',')}\n${keyOf(last[0], dimensions)}` : null;
  return {
    since,
    until,
    groupBy: [...dimensions],
    items: page.map(([group, tally]) => ({ ...group, ...present(tally) })),
    totals: present(all),
    nextCursor: next === null ? null : Buffer.from(next).toString('base64url'),
  };
};
