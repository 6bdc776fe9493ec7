/** Whatever waits for others of its kind, named by key. */
export interface Dependent {
  readonly key: string;
  readonly dependsOn: readonly string[];
}

/** Keys as numbers, edges both ways: what every algorithm on a plan walks over. */
export interface DependencyGraph {
  readonly keys: readonly string[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** For each task, what it waits for. */
  readonly dependencies: readonly (readonly number[])[];
  /** For each task, what waits for it. */
  readonly dependents: readonly (readonly number[])[];
}

/**
 * Of several tasks with one key the first counts, a dependency named twice counts once, and one on a key that is not there is
 * left out: whoever checks a plan reports those, and can walk the rest all the same.
 */
export const dependencyGraph = (tasks: readonly Dependent[]): DependencyGraph => {
  const indexOf = new Map<string, number>();
  const named: Dependent[] = [];
  for (const task of tasks) {
    if (indexOf.has(task.key)) continue;
    indexOf.set(task.key, named.length);
    named.push(task);
  }
  const dependents: number[][] = named.map(() => []);
  const dependencies = named.map(({ dependsOn }, index) => {
    const known = new Set<number>();
    for (const key of dependsOn) {
      const on = indexOf.get(key);
      if (on !== undefined) known.add(on);
    }
    for (const on of known) dependents[on]?.push(index);
    return [...known];
  });
  return { keys: named.map(({ key }) => key), indexOf, dependencies, dependents };
};

/** Who names something that is not there. In the order of the tasks. */
export const danglingReferences = (tasks: readonly Dependent[]): { key: string; reference: string }[] => {
  const keys = new Set(tasks.map(({ key }) => key));
  return tasks.flatMap(({ key, dependsOn }) =>
    dependsOn.filter((reference) => !keys.has(reference)).map((reference) => ({ key, reference })),
  );
};

/**
 * Indexes so that each comes after everything it waits for; among those that could come next, the one given first comes first.
 * Shorter than the graph when there is a cycle: what is in it, and what waits for it, is missing.
 */
export const topologicalOrder = ({ dependencies, dependents }: DependencyGraph): number[] => {
  const open = dependencies.map((on) => on.length);
  const order: number[] = [];
  for (const [index, count] of open.entries()) if (count === 0) order.push(index);
  for (let at = 0; at < order.length; at += 1) {
    for (const next of dependents[order[at] ?? 0] ?? []) {
      const left = (open[next] ?? 0) - 1;
      open[next] = left;
      if (left === 0) order.push(next);
    }
  }
  return order;
};

/**
 * Keys by how many must be done one after the other before them: the first layer waits for nothing. What hangs in a cycle is
 * in no layer.
 */
export const topologicalLayers = (tasks: readonly Dependent[]): string[][] => {
  const graph = dependencyGraph(tasks);
  const depth = new Int32Array(graph.keys.length);
  const layers: string[][] = [];
  for (const index of topologicalOrder(graph)) {
    let own = 0;
    for (const on of graph.dependencies[index] ?? []) own = Math.max(own, (depth[on] ?? 0) + 1);
    depth[index] = own;
    layers[own] ??= [];
    layers[own]?.push(graph.keys[index] ?? '');
  }
  return layers;
};
