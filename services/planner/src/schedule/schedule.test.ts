import { describe, expect, it } from '@jest/globals';
import { dependencyGraph } from '@partitura/shared/planning';
import { acyclicPlan, layeredPlan, workTask } from '@partitura/shared/planning/testing';
import fc from 'fast-check';
import { criticalPath } from './critical-path.ts';
import { listSchedule, ranksOf } from './list-schedule.ts';

const plan = acyclicPlan().map((tasks) => ({
  graph: dependencyGraph(tasks),
  durations: tasks.map(({ estimatedTokens }) => estimatedTokens % 1_000),
  priorities: tasks.map(({ priority }) => priority),
}));

describe('criticalPath', () => {
  it('finds the longest chain and what the others can spare', () => {
    const graph = dependencyGraph([
      workTask('A'),
      workTask('B', ['A']),
      workTask('C', ['A']),
      workTask('D', ['B', 'C']),
    ]);
    const timing = criticalPath(graph, [1, 5, 3, 2]);
    expect(timing.length).toBe(8);
    expect(timing.path.map((index) => graph.keys[index])).toEqual(['A', 'B', 'D']);
    expect([...timing.slack]).toEqual([0, 0, 2, 0]);
    expect([...timing.tail]).toEqual([8, 7, 5, 2]);
  });

  it('names a chain of dependencies whose durations add up to its length, with nothing to spare on it', () => {
    fc.assert(
      fc.property(plan, ({ graph, durations }) => {
        const { path, length, slack } = criticalPath(graph, durations);
        expect(path.reduce((sum, index) => sum + (durations[index] ?? 0), 0)).toBe(length);
        expect(path.every((index) => slack[index] === 0)).toBe(true);
        for (const [at, index] of path.slice(1).entries())
          expect(graph.dependencies[index]).toContain(path[at]);
        expect(slack.every((spare) => spare >= 0)).toBe(true);
      }),
    );
  });

  it('lets each be as late as its slack says, and no later', () => {
    fc.assert(
      fc.property(plan, fc.nat(), ({ graph, durations }, which) => {
        const index = which % durations.length;
        const { length, slack } = criticalPath(graph, durations);
        const later = (by: number) =>
          criticalPath(graph, durations.with(index, (durations[index] ?? 0) + by)).length;
        expect(later(slack[index] ?? 0)).toBe(length);
        expect(later((slack[index] ?? 0) + 1)).toBe(length + 1);
      }),
    );
  });
});

describe('listSchedule', () => {
  const scheduled = fc
    .tuple(plan, fc.integer({ min: 1, max: 6 }))
    .map(([{ graph, durations, priorities }, agents]) => {
      const timing = criticalPath(graph, durations);
      const schedule = listSchedule(graph, durations, ranksOf(priorities, timing.tail), agents);
      return { graph, durations, agents, timing, schedule };
    });

  it('begins nothing before what it waits for is done, and gives everything its time', () => {
    fc.assert(
      fc.property(scheduled, ({ graph, durations, schedule: { start, end } }) => {
        for (const [index, dependencies] of graph.dependencies.entries()) {
          expect((end[index] ?? 0) - (start[index] ?? 0)).toBe(durations[index]);
          for (const on of dependencies) expect(start[index]).toBeGreaterThanOrEqual(end[on] ?? 0);
        }
      }),
    );
  });

  it('never has more at work than there are agents, and is between the two bounds that hold for any schedule', () => {
    fc.assert(
      fc.property(scheduled, ({ durations, agents, timing, schedule }) => {
        const work = durations.reduce((sum, one) => sum + one, 0);
        expect(schedule.width).toBeLessThanOrEqual(agents);
        expect(schedule.length).toBeGreaterThanOrEqual(Math.max(timing.length, work / agents));
        expect(schedule.length).toBeLessThanOrEqual(work / agents + timing.length);
      }),
    );
  });

  it('takes the more urgent first, then who has the longer chain behind', () => {
    const tasks = [
      workTask('A', [], { priority: 5 }),
      workTask('B', [], { priority: 1 }),
      workTask('C', ['D']),
      workTask('D'),
    ];
    const graph = dependencyGraph(tasks);
    const durations = [10, 10, 10, 10];
    const ranks = ranksOf(
      tasks.map(({ priority }) => priority),
      criticalPath(graph, durations).tail,
    );
    expect([...listSchedule(graph, durations, ranks, 1).start]).toEqual([20, 0, 30, 10]);
  });

  it('takes a plan of ten thousand', () => {
    const graph = dependencyGraph(layeredPlan(100, 100));
    const durations = new Float64Array(10_000).fill(5);
    const { tail, length } = criticalPath(graph, durations);
    expect(length).toBe(500);
    const { width, length: made } = listSchedule(
      graph,
      durations,
      ranksOf(new Array<number>(10_000).fill(0), tail),
      50,
    );
    expect({ width, made }).toEqual({ width: 50, made: 1_000 });
  });
});
