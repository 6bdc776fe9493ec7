/** Damps the first ranks; 60 is the value of the paper that proposed the method (Cormack, Clarke, Büttcher, 2009). */
const damping = 60;

export interface FusedRank {
  readonly id: string;
  readonly score: number;
  /** 1 for the best; null where a ranking does not have it. */
  readonly ranks: readonly (number | null)[];
}

/**
 * Joins rankings whose scores cannot be compared, by rank alone: an id scores the sum of 1 / (60 + rank) over the rankings that
 * have it. Best first; equal ones in the order of their ids, so that the same question has the same answer.
 */
export const fuseRankings = (rankings: readonly (readonly string[])[]): readonly FusedRank[] => {
  const ranks = new Map<string, (number | null)[]>();
  for (const [at, ranking] of rankings.entries()) {
    for (const [index, id] of ranking.entries()) {
      const known = ranks.get(id) ?? rankings.map(() => null);
      known[at] = index + 1;
      ranks.set(id, known);
    }
  }
  return [...ranks]
    .map(([id, own]) => ({
      id,
      ranks: own,
      score: own.reduce<number>((sum, rank) => sum + (rank === null ? 0 : 1 / (damping + rank)), 0),
    }))
    .sort((left, right) => right.score - left.score || (left.id < right.id ? -1 : 1));
};
