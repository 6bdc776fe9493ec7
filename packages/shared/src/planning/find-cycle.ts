import {
  type DependencyGraph,
  type Dependent,
  dependencyGraph,
  topologicalOrder,
} from './dependency-graph.ts';

/**
 * A circle of tasks, each waiting for the next, as keys; the first again at the end: `['T3', 'T7', 'T3']`. Null when there is
 * none. Takes no recursion, so that a chain of ten thousand tasks does not end the stack.
 */
export const findCycle = (tasks: readonly Dependent[]): string[] | null => {
  const graph = dependencyGraph(tasks);
  const order = topologicalOrder(graph);
  return order.length === graph.keys.length ? null : walkIntoCycle(graph, new Set(order));
};

/**
 * What a topological order leaves out waits for something that is left out too: whoever follows such dependencies must come
 * by the same task twice, and the way between is the cycle.
 */
const walkIntoCycle = ({ keys, dependencies }: DependencyGraph, ordered: ReadonlySet<number>): string[] => {
  const seenAt = new Map<number, number>();
  const path: number[] = [];
  let at = keys.findIndex((_, index) => !ordered.has(index));
  while (!seenAt.has(at)) {
    seenAt.set(at, path.length);
    path.push(at);
    at = (dependencies[at] ?? []).find((on) => !ordered.has(on)) ?? at;
  }
  const cycle = path.slice(seenAt.get(at));
  return [...cycle, at].map((index) => keys[index] ?? '');
};
