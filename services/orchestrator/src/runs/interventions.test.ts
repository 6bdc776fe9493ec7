import { describe, expect, it } from '@jest/globals';
import { noUsage } from '@partitura/shared/events';
import {
  attemptOf,
  idOf,
  limit,
  planAndSwarm,
  scenario,
  scheduledKeys,
  task,
  typesOf,
} from '../testing/scenario.ts';
import { nextDue } from './due.ts';

const onceOnly = { workflow: { ...planAndSwarm, policy: { ...planAndSwarm.policy, maxAttempts: 1 } } };

const submit = (run: ReturnType<typeof scenario>, key: string, attempt = 1) =>
  run.tell({
    kind: 'finish_attempt',
    attemptId: attemptOf(key, attempt),
    branch: 'b',
    commit: 'c',
    usage: noUsage,
    requirementIds: [],
    findings: [],
  });

const conflict = (run: ReturnType<typeof scenario>, key: string, attempt = 1) =>
  run.tell({ kind: 'report_conflict', attemptId: attemptOf(key, attempt), branch: 'b', files: ['a.js'] });

const statusOf = (run: ReturnType<typeof scenario>, key: string) =>
  run.run().tasks.get(idOf(key) as never)?.status.kind;

describe('dead letters', () => {
  const twoDead = () => {
    const run = scenario(onceOnly);
    run.start();
    run.plan([task('T1'), task('T2'), task('T3', ['T1', 'T2'])]);
    run.fail('T1');
    run.fail('T2');
    expect(run.run().status).toBe('failed');
    return run;
  };

  it('free what two of them block only when both are tried again', () => {
    const run = twoDead();
    expect(typesOf(run.tell({ kind: 'retry_task', taskId: idOf('T1'), model: null }))).toContain(
      'task.blocked',
    );
    expect(statusOf(run, 'T3')).toBe('blocked');
    run.tell({ kind: 'retry_task', taskId: idOf('T2'), model: null });
    expect(statusOf(run, 'T3')).toBe('waiting');
    run.complete('T1', 2);
    expect(scheduledKeys(run.complete('T2', 2))).toEqual(['T3']);
  });

  it('free it also when they are tried again together', () => {
    const run = twoDead();
    const events = run.tell({ kind: 'retry_all', model: null });
    expect(typesOf(events).filter((type) => type === 'task.unblocked')).toHaveLength(1);
    expect(statusOf(run, 'T3')).toBe('waiting');
    expect(() => run.tell({ kind: 'retry_all', model: null })).toThrow(
      expect.objectContaining({ code: 'NOTHING_TO_RETRY' }),
    );
  });

  it('can be approved as they are, or done without', () => {
    const run = twoDead();
    run.tell({ kind: 'approve_task', taskId: idOf('T1'), comment: 'Good enough.' });
    expect(run.run().status).toBe('failed');
    run.tell({ kind: 'approve_task', taskId: idOf('T2'), comment: '' });
    expect(scheduledKeys(run.log.slice(-1))).toEqual(['T3']);
    const without = twoDead();
    without.tell({ kind: 'cancel_task', taskId: idOf('T1'), reason: '' });
    without.tell({ kind: 'cancel_task', taskId: idOf('T2'), reason: '' });
    expect([without.run().status, statusOf(without, 'T3')]).toEqual(['completed', 'blocked']);
  });
});

/** The attempt asked for so much, and has it. */
const holds = (run: ReturnType<typeof scenario>, key: string, microUsd: number): void => {
  const events = run.tell({
    kind: 'request_allowance',
    holder: attemptOf(key),
    requestId: `held-${key}`,
    amount: { tokens: 0, microUsd },
  });
  expect(typesOf(events)).toContain('budget.reserved');
};

describe('a task that is cancelled', () => {
  const limited = () => {
    const run = scenario({ budget: limit({ microUsd: 1_000 }), maxAgents: 2, rehearsal: false });
    run.start();
    run.plan([task('T1'), task('T2'), task('T3', ['T1'])]);
    holds(run, 'T1', 500);
    holds(run, 'T2', 500);
    return run;
  };
  const cancel = (run: ReturnType<typeof scenario>) =>
    run.tell({ kind: 'cancel_task', taskId: idOf('T1'), reason: 'No need.' });
  const spent = (microUsd: number) => ({ ...noUsage, costMicroUsd: microUsd });

  it('blocks what depends on it, and its attempt decides nothing any more', () => {
    const run = limited();
    expect(typesOf(cancel(run))).toEqual(['task.cancelled', 'task.blocked']);
    expect(cancel(run)).toEqual([]);
    expect(run.tell({ kind: 'start_attempt', attemptId: attemptOf('T1') })).toEqual([]);
    expect(typesOf(submit(run, 'T1'))).toEqual(['budget.settled']);
    expect(submit(run, 'T1')).toEqual([]);
    expect(statusOf(run, 'T1')).toBe('cancelled');
  });

  it('gives its share back when its agent has told what it spent', () => {
    const run = limited();
    cancel(run);
    expect(run.run().ledger.reserved.microUsd).toBe(1_000);
    run.tell({ kind: 'end_attempt', attemptId: attemptOf('T1'), usage: spent(70) });
    expect(run.run().ledger).toMatchObject({ reserved: { microUsd: 500 }, spent: { costMicroUsd: 70 } });
  });

  it('is counted as having spent all it held when its agent never tells', () => {
    const run = limited();
    cancel(run);
    run.wait(30 * 60_000);
    expect(run.run().ledger.spent.costMicroUsd).toBe(1_000);
    expect(run.run().ledger.held.has(attemptOf('T1'))).toBe(false);
  });

  it('takes back what it was asking for', () => {
    const run = limited();
    const ask = () =>
      run.tell({
        kind: 'request_allowance',
        holder: attemptOf('T1'),
        requestId: 'q1',
        amount: { tokens: 0, microUsd: 900 },
      });
    expect(typesOf(ask())).toEqual(['budget.requested']);
    cancel(run);
    expect(run.run().ledger.waiting).toEqual([]);
    expect(ask()).toEqual([]);
  });

  it('counts towards a run that was cancelled as well, also after its end', () => {
    const run = limited();
    run.tell({ kind: 'cancel', reason: '' });
    expect(typesOf(run.tell({ kind: 'end_attempt', attemptId: attemptOf('T2'), usage: spent(5) }))).toEqual([
      'budget.settled',
    ]);
    expect(run.run().ledger).toMatchObject({ reserved: { microUsd: 500 }, spent: { costMicroUsd: 5 } });
  });
});

describe('a conflict', () => {
  const conflicting = (partial = {}) => {
    const run = scenario(partial);
    run.start();
    run.plan([task('T1'), task('T2', ['T1'])]);
    submit(run, 'T1');
    conflict(run, 'T1');
    return run;
  };

  it('that nobody can resolve gives the work back, which is tried anew and may conflict again', () => {
    const run = conflicting(onceOnly);
    expect(typesOf(run.fail('C3'))).toEqual([
      'task.failed',
      'task.cancelled',
      'task.dead_lettered',
      'task.blocked',
      'run.failed',
    ]);
    run.tell({ kind: 'retry_all', model: null });
    submit(run, 'T1', 2);
    expect(scheduledKeys(conflict(run, 'T1', 2))).toEqual(['C4']);
    expect(scheduledKeys(run.complete('C4'))).toEqual(['T2']);
    run.complete('T2');
    expect(run.run().status).toBe('completed');
  });

  it('whose resolution conflicts is resolved again, from the branch as it is then', () => {
    const run = conflicting();
    submit(run, 'C3');
    expect(typesOf(conflict(run, 'C3'))).toEqual(['task.attempt_failed']);
    expect(scheduledKeys(run.wait(1_000))).toEqual(['C3']);
    expect(typesOf(run.complete('C3', 2)).filter((type) => type === 'task.completed')).toHaveLength(2);
  });

  it('that an operator does without leaves the work in the dead letters', () => {
    const run = conflicting();
    run.tell({ kind: 'cancel_task', taskId: idOf('C3'), reason: '' });
    expect([statusOf(run, 'C3'), statusOf(run, 'T1'), statusOf(run, 'T2')]).toEqual([
      'cancelled',
      'dead_letter',
      'blocked',
    ]);
  });

  it('never takes a key that the plan has', () => {
    const run = scenario();
    run.start();
    run.plan([task('T1'), task('C4', [], { kind: 'epic' }), task('C3'), task('C5')]);
    submit(run, 'T1');
    expect(conflict(run, 'T1')[0]).toMatchObject({ data: { definition: { key: 'C6' } } });
  });
});

describe('time', () => {
  it('goes on counting while a run is paused', () => {
    const run = scenario({ budget: limit({ wallMs: 5_000 }) });
    run.start();
    run.plan([task('T1')]);
    run.tell({ kind: 'pause', reason: 'operator', detail: '' });
    nextDue(run.run());
    expect(run.wait(6_000)).toEqual([]);
    expect(typesOf(run.tell({ kind: 'resume' }))).toEqual(['run.resumed', 'budget.exhausted', 'run.stopped']);
  });

  it('that is up for an agent of a run with a limit of money only costs money only', () => {
    const run = scenario({ budget: limit({ microUsd: 1_000 }), maxAgents: 1, rehearsal: false });
    run.start();
    run.plan([task('T1')]);
    holds(run, 'T1', 1_000);
    const [failed] = run.wait(30 * 60_000);
    expect(failed).toMatchObject({ data: { usage: { inputTokens: 0, costMicroUsd: 1_000 } } });
  });
});

describe('what CI says', () => {
  it('is recorded of a run and of its tasks, also when the run is over, and of nothing else', () => {
    const run = scenario();
    run.start();
    run.plan([task('T1')]);
    const found = {
      provider: 'github',
      name: 'build',
      branch: 'partitura/r_1',
      commit: null,
      url: null,
    } as const;
    const ofTask = { ...found, status: 'failed', taskId: idOf('T1') } as const;
    expect(run.tell({ kind: 'report_ci', ...ofTask })).toEqual([{ type: 'ci.reported', data: ofTask }]);
    expect(() => run.tell({ kind: 'report_ci', ...ofTask, taskId: idOf('T9') })).toThrow(
      expect.objectContaining({ code: 'TASK_NOT_FOUND' }),
    );
    run.tell({ kind: 'cancel', reason: '' });
    expect(typesOf(run.tell({ kind: 'report_ci', ...found, status: 'passed', taskId: null }))).toEqual([
      'ci.reported',
    ]);
    expect(run.run().status).toBe('cancelled');
  });
});
