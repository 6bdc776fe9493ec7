import { describe, expect, it } from '@jest/globals';
import { estimate as estimateSchema } from '@partitura/shared/planning';
import { acyclicPlan, layeredPlan, workTask } from '@partitura/shared/planning/testing';
import { seededRandomness } from '@partitura/shared/runtime';
import fc from 'fast-check';
import { estimatePlan, simulationsFor } from './estimate-plan.ts';
import { expectedDurationMs, speedOf } from './speeds.ts';

const speed = speedOf('anthropic/claude-sonnet-4-5');
const price = { input: 3_000_000, output: 15_000_000 };
const ground = { maxAgents: 4, maxAttempts: 3, speed, price };
const estimate = (tasks: Parameters<typeof estimatePlan>[0]['tasks'], seed = 1, maxAgents = 4) =>
  estimatePlan({ ...ground, tasks, maxAgents, randomness: seededRandomness(seed) });

describe('estimatePlan', () => {
  it('is the same for the same chance, and another for another', () => {
    const tasks = layeredPlan(3, 4);
    expect(estimate(tasks)).toEqual(estimate(tasks));
    expect(estimate(tasks, 2).durationMs).not.toEqual(estimate(tasks).durationMs);
  });

  it('keeps its contract for every plan: p90 is no less than p50, every task has its span', () => {
    fc.assert(
      fc.property(acyclicPlan(20), fc.integer({ min: 1, max: 8 }), (tasks, agents) => {
        const made = estimate(tasks, 3, agents);
        expect(estimateSchema.safeParse(made).success).toBe(true);
        for (const { p50, p90 } of [made.durationMs, made.tokens, made.costMicroUsd])
          expect(p90).toBeGreaterThanOrEqual(p50);
        expect(made.schedule.map(({ key }) => key)).toEqual(tasks.map(({ key }) => key));
        expect(made.width).toBeLessThanOrEqual(agents);
        const critical = new Set(made.schedule.filter((span) => span.critical).map(({ key }) => key));
        expect(made.criticalPath.every((key) => critical.has(key))).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('takes longer with fewer agents, and costs the same', () => {
    const tasks = layeredPlan(2, 6);
    const [alone, together] = [estimate(tasks, 5, 1), estimate(tasks, 5, 6)];
    expect(alone.durationMs.p50).toBeGreaterThan(together.durationMs.p50 * 2);
    expect(alone.costMicroUsd).toEqual(together.costMicroUsd);
  });

  it('spreads wider for complex work', () => {
    const ratio = (complexity: 1 | 13) => {
      const { p50, p90 } = estimate([workTask('T1', [], { complexity })]).tokens;
      return p90 / p50;
    };
    expect(ratio(13)).toBeGreaterThan(ratio(1) * 1.2);
  });

  it('draws around the estimate', () => {
    const { tokens } = estimate([workTask('T1', [], { estimatedTokens: 100_000, complexity: 1 })]);
    expect(tokens.p50).toBeGreaterThan(85_000);
    expect(tokens.p50).toBeLessThan(125_000);
  });

  it('counts groups for nothing, and costs nothing without a price', () => {
    const epic = workTask('E1', [], { kind: 'epic' });
    const made = estimatePlan({
      ...ground,
      price: null,
      tasks: [epic, workTask('T1', [], { parentKey: 'E1' })],
      randomness: seededRandomness(1),
    });
    expect(made.schedule.map(({ key }) => key)).toEqual(['T1']);
    expect(made.costMicroUsd).toEqual({ p50: 0, p90: 0 });
  });

  it('rehearses in next to no time', () => {
    const rehearsal = speedOf('rehearsal/score');
    expect(
      expectedDurationMs(workTask('T1', [], { complexity: 13, estimatedTokens: 400_000 }), rehearsal),
    ).toBeLessThan(2_000);
    expect(speedOf('unheard/of').model).toBe('');
  });

  it('plays many rounds of a small plan and fewer of a large one', () => {
    expect(simulationsFor(100, 300)).toBe(1_000);
    expect(simulationsFor(1_000, 3_000)).toBeGreaterThanOrEqual(100);
    expect(estimate(layeredPlan(10, 100), 1, 50).simulations).toBe(simulationsFor(1_000, 2_700));
  });
});
