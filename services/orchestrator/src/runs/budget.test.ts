import { describe, expect, it } from '@jest/globals';
import { type Budget, noUsage } from '@partitura/shared/events';
import { freeOf, nothing } from '@partitura/shared/policies';
import fc from 'fast-check';
import { attemptOf, limit, scenario, task, typesOf } from '../testing/scenario.ts';

const spent = (microUsd: number) => ({ ...noUsage, costMicroUsd: microUsd, calls: 1 });

describe('the budget', () => {
  const ask = (key: string, requestId: string, microUsd: number) =>
    ({
      kind: 'request_allowance',
      holder: attemptOf(key),
      requestId,
      amount: { tokens: 0, microUsd },
    }) as const;
  const finish = (key: string, microUsd: number) =>
    ({
      kind: 'finish_attempt',
      attemptId: attemptOf(key),
      branch: null,
      commit: null,
      usage: spent(microUsd),
      requirementIds: [],
      findings: [],
    }) as const;
  const swarm = (budget: Partial<Budget>, maxAgents = 2) => {
    const run = scenario({ budget: limit(budget), maxAgents, rehearsal: false });
    run.start();
    run.plan([task('T1'), task('T2'), task('T3')]);
    return run;
  };

  it('gives an attempt nothing before it asks, and what it asks for when that is there', () => {
    const run = swarm({ microUsd: 1_000 });
    const reserved = run.log.flatMap((event) =>
      event.type === 'task.scheduled' ? [event.data.reservation] : [],
    );
    expect(reserved).toEqual([nothing, nothing]);
    expect(typesOf(run.tell(ask('T1', 'q1', 900)))).toEqual(['budget.requested', 'budget.reserved']);
    expect(run.tell(ask('T1', 'q1', 900))).toEqual([]);
  });

  it('lets one who needs more wait until another gives back, and answers then', () => {
    const run = swarm({ microUsd: 1_000 });
    run.tell(ask('T2', 'q1', 800));
    expect(typesOf(run.tell(ask('T1', 'q2', 300)))).toEqual(['budget.requested']);
    expect(typesOf(run.tell(finish('T2', 100)))).toContain('budget.reserved');
  });

  it('stops the run when nobody holds anything that could come back', () => {
    const run = swarm({ microUsd: 1_000 });
    const asked = run.tell(ask('T1', 'q1', 1_001));
    expect(typesOf(asked)).toEqual(['budget.requested', 'budget.denied', 'budget.exhausted', 'run.stopped']);
    expect(run.run().status).toBe('stopped_budget');
  });

  it('stops it also when all who hold something wait for more', () => {
    const run = swarm({ microUsd: 1_000 });
    run.tell(ask('T1', 'q1', 500));
    run.tell(ask('T2', 'q2', 500));
    expect(typesOf(run.tell(ask('T1', 'q3', 1)))).toEqual(['budget.requested']);
    expect(typesOf(run.tell(ask('T2', 'q4', 1)))).toContain('run.stopped');
  });

  it('pauses instead when the operator wanted that', () => {
    const run = swarm({ microUsd: 1_000, onExceed: 'pause' });
    expect(typesOf(run.tell(ask('T1', 'q1', 1_001)))).toContain('run.paused');
  });

  it('begins nothing more when all is spent', () => {
    const run = swarm({ microUsd: 1_000 }, 1);
    run.tell(ask('T1', 'q1', 1_000));
    expect(typesOf(run.tell(finish('T1', 1_000)))).toContain('run.stopped');
  });

  it('tells each threshold once', () => {
    const run = scenario({ budget: limit({ microUsd: 1_000 }), maxAgents: 1, rehearsal: false });
    run.start();
    run.plan([task('T1'), task('T2'), task('T3')]);
    const told = (events: readonly { type: string; data: unknown }[]) =>
      events.filter(({ type }) => type === 'budget.threshold_reached').length;
    expect(told(run.tell(finish('T1', 600)))).toBe(1);
    expect(told(run.tell(finish('T2', 100)))).toBe(0);
    expect(told(run.tell(finish('T3', 300)))).toBe(2);
  });

  it('ends the run when its time is up', () => {
    const run = scenario({ budget: limit({ wallMs: 5_000 }) });
    run.start();
    run.plan([task('T1')]);
    expect(run.wait(4_999)).toEqual([]);
    expect(typesOf(run.wait(1))).toEqual(['budget.exhausted', 'run.stopped']);
  });

  it('never has more spent and set aside than there is, whoever asks for what in whatever order', () => {
    const steps = fc.array(
      fc.record({
        who: fc.nat(7),
        asks: fc.integer({ min: 1, max: 600 }),
        spends: fc.nat(100),
        finish: fc.boolean(),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 2_000 }), (moves, microUsd) => {
        const budget = limit({ microUsd, tokens: 5_000 });
        const run = scenario({ budget, maxAgents: 4, rehearsal: false });
        run.start();
        run.plan(Array.from({ length: 8 }, (_, index) => task(`T${index}`)));
        for (const [index, { who, asks, spends, finish }] of moves.entries()) {
          const holder = attemptOf(`T${who}`);
          const held = run.run().ledger.held.get(holder);
          if (!held) continue;
          // An agent spends at the most what it holds: that is the runner's half of the rule.
          if (finish)
            run.tell({
              kind: 'finish_attempt',
              attemptId: holder,
              branch: null,
              commit: null,
              usage: spent(Math.min(spends, held.microUsd)),
              requirementIds: [],
              findings: [],
            });
          else
            run.tell({
              kind: 'request_allowance',
              holder,
              requestId: `q${index}`,
              amount: { tokens: asks, microUsd: asks },
            });
          const { ledger } = run.run();
          const inHand = [...ledger.held.values()].reduce((sum, amount) => sum + amount.microUsd, 0);
          expect(ledger.spent.costMicroUsd + inHand).toBeLessThanOrEqual(microUsd);
          expect(freeOf(ledger, budget).microUsd).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 100 },
    );
  });
});
