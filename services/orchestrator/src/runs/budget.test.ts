import { describe, expect, it } from '@jest/globals';
import { noUsage } from '@partitura/shared/events';
import fc from 'fast-check';
import { attemptOf, limit, scenario, task, typesOf } from '../testing/scenario.ts';
import { freeOf } from './ledger.ts';

const spent = (microUsd: number) => ({ ...noUsage, costMicroUsd: microUsd, calls: 1 });

describe('the budget', () => {
  it('sets an equal share of what is free aside for each agent that may begin', () => {
    const run = scenario({ budget: limit({ microUsd: 1_000 }), maxAgents: 2, rehearsal: false });
    run.start();
    const events = run.plan([task('T1'), task('T2'), task('T3')]);
    const shares = events.flatMap((event) =>
      event.type === 'task.scheduled' ? [event.data.reservation?.microUsd] : [],
    );
    expect(shares).toEqual([500, 500]);
  });

  it('lets one who needs more wait until others give back, and answers then', () => {
    const run = scenario({ budget: limit({ microUsd: 1_000 }), maxAgents: 2, rehearsal: false });
    run.start();
    run.plan([task('T1'), task('T2')]);
    const asked = run.tell({
      kind: 'request_allowance',
      holder: attemptOf('T1'),
      requestId: 'q1',
      amount: { tokens: 0, microUsd: 300 },
    });
    expect(typesOf(asked)).toEqual(['budget.requested']);
    const settled = run.tell({
      kind: 'finish_attempt',
      attemptId: attemptOf('T2'),
      branch: null,
      commit: null,
      usage: spent(100),
      requirementIds: [],
      findings: [],
    });
    expect(typesOf(settled)).toContain('budget.reserved');
  });

  it('stops the run when nobody is left who could give back', () => {
    const run = scenario({ budget: limit({ microUsd: 1_000 }), maxAgents: 1, rehearsal: false });
    run.start();
    run.plan([task('T1')]);
    const asked = run.tell({
      kind: 'request_allowance',
      holder: attemptOf('T1'),
      requestId: 'q1',
      amount: { tokens: 0, microUsd: 1 },
    });
    expect(typesOf(asked)).toEqual(['budget.requested', 'budget.denied', 'budget.exhausted', 'run.stopped']);
    expect(run.run().status).toBe('stopped_budget');
  });

  it('pauses instead when the operator wanted that', () => {
    const run = scenario({
      budget: limit({ microUsd: 1_000, onExceed: 'pause' }),
      maxAgents: 1,
      rehearsal: false,
    });
    run.start();
    run.plan([task('T1')]);
    const asked = run.tell({
      kind: 'request_allowance',
      holder: attemptOf('T1'),
      requestId: 'q1',
      amount: { tokens: 0, microUsd: 1 },
    });
    expect(typesOf(asked)).toContain('run.paused');
  });

  it('tells each threshold once', () => {
    const run = scenario({ budget: limit({ microUsd: 1_000 }), maxAgents: 1, rehearsal: false });
    run.start();
    run.plan([task('T1'), task('T2'), task('T3')]);
    const finish = (key: string, microUsd: number) =>
      run.tell({
        kind: 'finish_attempt',
        attemptId: attemptOf(key),
        branch: null,
        commit: null,
        usage: spent(microUsd),
        requirementIds: [],
        findings: [],
      });
    const told = (events: readonly { type: string; data: unknown }[]) =>
      events.filter(({ type }) => type === 'budget.threshold_reached').length;
    expect(told(finish('T1', 600))).toBe(1);
    expect(told(finish('T2', 100))).toBe(0);
    expect(told(finish('T3', 300))).toBe(2);
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
