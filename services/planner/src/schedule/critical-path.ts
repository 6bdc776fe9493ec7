import { type DependencyGraph, topologicalOrder } from '@partitura/shared/planning';

/** Whole milliseconds, by index of the graph, were there agents enough. */
export interface Timing {
  readonly earliestStart: Float64Array;
  /** How much later each may end without making the whole later. */
  readonly slack: Float64Array;
  /** From the start of each task to the end of the longest chain behind it, itself included. */
  readonly tail: Float64Array;
  /** Of the longest chain. */
  readonly length: number;
  /** Indexes of one longest chain, first to last. */
  readonly path: readonly number[];
}

/**
 * One pass forward and one back, O(tasks + dependencies).
 * @param graph without cycles
 * @param durations whole milliseconds, so that sums are exact and a slack of nothing is 0
 */
export const criticalPath = (graph: DependencyGraph, durations: ArrayLike<number>): Timing => {
  const order = topologicalOrder(graph);
  const count = graph.keys.length;
  const earliestStart = new Float64Array(count);
  const tail = new Float64Array(count);
  let length = 0;
  for (const index of order) {
    let start = 0;
    for (const on of graph.dependencies[index] ?? [])
      start = Math.max(start, at(earliestStart, on) + at(durations, on));
    earliestStart[index] = start;
    length = Math.max(length, start + at(durations, index));
  }
  for (const index of order.toReversed()) {
    let behind = 0;
    for (const next of graph.dependents[index] ?? []) behind = Math.max(behind, at(tail, next));
    tail[index] = behind + at(durations, index);
  }
  const slack = earliestStart.map((start, index) => length - start - at(tail, index));
  return { earliestStart, slack, tail, length, path: longestChain(graph, earliestStart, tail, durations) };
};

const at = (values: ArrayLike<number>, index: number): number => values[index] ?? 0;

/** From the longest tail on, always to the one behind it that has the rest of the length. */
const longestChain = (
  { keys, dependents }: DependencyGraph,
  earliestStart: Float64Array,
  tail: Float64Array,
  durations: ArrayLike<number>,
): number[] => {
  const longest = tail.reduce((most, value) => Math.max(most, value), 0);
  const chain: number[] = [];
  let next = keys.findIndex((_, index) => at(earliestStart, index) === 0 && at(tail, index) === longest);
  while (next >= 0) {
    chain.push(next);
    const rest = at(tail, next) - at(durations, next);
    next = (dependents[next] ?? []).find((one) => at(tail, one) === rest) ?? -1;
  }
  return chain;
};
