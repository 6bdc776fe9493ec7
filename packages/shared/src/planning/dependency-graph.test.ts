import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Dependent,
  danglingReferences,
  dependencyGraph,
  topologicalLayers,
  topologicalOrder,
} from './dependency-graph.ts';
import { findCycle } from './find-cycle.ts';

const task = (key: string, ...dependsOn: string[]): Dependent => ({ key, dependsOn });

/** Each task only waits for tasks before it: never a cycle. */
const acyclic = fc
  .array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 40 })
  .map((rows) =>
    rows.map((row, index) => task(`T${index}`, ...(index === 0 ? [] : row.map((on) => `T${on % index}`)))),
  );

const anyGraph = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 25 })
  .map((rows) => rows.map((row, index) => task(`T${index}`, ...row.map((on) => `T${on % rows.length}`))));

describe('findCycle', () => {
  it('names the circle in the order of waiting, closed', () => {
    expect(findCycle([task('T1'), task('T3', 'T1', 'T7'), task('T7', 'T3'), task('T9', 'T7')])).toEqual([
      'T3',
      'T7',
      'T3',
    ]);
  });

  it('sees a task that waits for itself', () => {
    expect(findCycle([task('T1', 'T1')])).toEqual(['T1', 'T1']);
  });

  it('survives a chain of ten thousand, closed into a circle', () => {
    const chain = Array.from({ length: 10_000 }, (_, index) => task(`T${index}`, `T${(index + 1) % 10_000}`));
    expect(findCycle(chain)).toHaveLength(10_001);
    expect(findCycle(chain.slice(0, -1))).toBeNull();
  });

  it('finds none where every task waits for earlier ones', () => {
    fc.assert(fc.property(acyclic, (tasks) => expect(findCycle(tasks)).toBeNull()));
  });

  it('finds one exactly when there is no order, and what it names is one', () => {
    fc.assert(
      fc.property(anyGraph, (tasks) => {
        const cycle = findCycle(tasks);
        const graph = dependencyGraph(tasks);
        expect(cycle === null).toBe(topologicalOrder(graph).length === tasks.length);
        if (cycle === null) return;
        expect(cycle.at(0)).toBe(cycle.at(-1));
        expect(new Set(cycle).size).toBe(cycle.length - 1);
        for (const [index, key] of cycle.slice(0, -1).entries()) {
          expect(tasks.find((one) => one.key === key)?.dependsOn).toContain(cycle[index + 1]);
        }
      }),
    );
  });
});

describe('topologicalLayers', () => {
  it('puts each task one layer below the deepest it waits for', () => {
    const tasks = [task('A'), task('B', 'A'), task('C', 'A'), task('D', 'B', 'C'), task('E')];
    expect(topologicalLayers(tasks)).toEqual([['A', 'E'], ['B', 'C'], ['D']]);
  });

  it('holds every task once, each after what it waits for', () => {
    fc.assert(
      fc.property(acyclic, (tasks) => {
        const layers = topologicalLayers(tasks);
        const layerOf = new Map(layers.flatMap((layer, depth) => layer.map((key) => [key, depth] as const)));
        expect(layers.flat()).toHaveLength(tasks.length);
        for (const { key, dependsOn } of tasks) {
          const deepest = Math.max(-1, ...dependsOn.map((on) => layerOf.get(on) ?? Number.NaN));
          expect(layerOf.get(key)).toBe(deepest + 1);
        }
      }),
    );
  });
});

describe('danglingReferences', () => {
  it('says who names what is not there', () => {
    expect(danglingReferences([task('T1', 'T9'), task('T2', 'T1', 'X')])).toEqual([
      { key: 'T1', reference: 'T9' },
      { key: 'T2', reference: 'X' },
    ]);
  });
});
