import type { DependencyGraph } from '@partitura/shared/planning';
import TinyQueue from 'tinyqueue';

/** Who goes first when there are more ready than agents: a smaller rank. */
export type Ranks = ArrayLike<number>;

/** By priority, then by the longest chain behind, then as planned: the orchestrator's order. */
export const ranksOf = (priorities: readonly number[], tail: ArrayLike<number>): Int32Array => {
  const order = priorities.map((_, index) => index);
  order.sort(
    (left, right) =>
      (priorities[left] ?? 0) - (priorities[right] ?? 0) ||
      (tail[right] ?? 0) - (tail[left] ?? 0) ||
      left - right,
  );
  const ranks = new Int32Array(order.length);
  for (const [rank, index] of order.entries()) ranks[index] = rank;
  return ranks;
};

export interface ListSchedule {
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** When the last one ends. */
  readonly length: number;
  /** The most that run side by side. */
  readonly width: number;
}

/**
 * Gives each agent that is free the ready task of the smallest rank, until all are done: what the orchestrator does, in thought.
 * O(dependencies + tasks · log tasks).
 * @param graph without cycles
 * @param agents how many work at once, at least 1
 */
export const listSchedule = (
  graph: DependencyGraph,
  durations: ArrayLike<number>,
  ranks: Ranks,
  agents: number,
): ListSchedule => {
  const count = graph.keys.length;
  const start = new Float64Array(count);
  const end = new Float64Array(count);
  const open = Int32Array.from(graph.dependencies, (on) => on.length);
  const ready = new TinyQueue<number>([], (left, right) => (ranks[left] ?? 0) - (ranks[right] ?? 0));
  const running = new TinyQueue<number>(
    [],
    (left, right) => (end[left] ?? 0) - (end[right] ?? 0) || left - right,
  );
  for (let index = 0; index < count; index += 1) if (open[index] === 0) ready.push(index);
  let time = 0;
  let width = 0;

  const begin = (): void => {
    while (running.length < agents && ready.length > 0) {
      const index = ready.pop() ?? 0;
      start[index] = time;
      end[index] = time + (durations[index] ?? 0);
      running.push(index);
    }
    width = Math.max(width, running.length);
  };
  const finish = (index: number): void => {
    for (const next of graph.dependents[index] ?? []) {
      const left = (open[next] ?? 0) - 1;
      open[next] = left;
      if (left === 0) ready.push(next);
    }
  };

  begin();
  while (running.length > 0) {
    time = end[running.peek() ?? 0] ?? time;
    // All that end now, before anyone begins: who is freed at the same moment competes by rank.
    while (running.length > 0 && end[running.peek() ?? 0] === time) finish(running.pop() ?? 0);
    begin();
  }
  return { start, end, length: time, width };
};
