import { describe, expect, it } from '@jest/globals';
import { noUsage, type RunEvent } from '@partitura/shared/events';
import { architectPlanSwarm } from '@partitura/shared/workflows';
import {
  attemptOf,
  idOf,
  limit,
  runId,
  scenario,
  scheduledKeys,
  task,
  typesOf,
} from '../testing/scenario.ts';

type Scenario = ReturnType<typeof scenario>;

const reject = (run: Scenario, key: string, redo = true) =>
  run.tell({ kind: 'reject_task', taskId: idOf(key), reason: 'It is wrong.', redo });

const redoAttempts = (run: Scenario, ...attemptIds: readonly string[]) =>
  run.tell({
    kind: 'redo_attempts',
    attemptIds,
    reason: 'Not so.',
    because: 'k_1',
    distrusted: ['k_1', 'k_2'],
    redo: true,
  });

const statusOf = (run: Scenario, key: string) => run.run().tasks.get(idOf(key) as never)?.status.kind;

const rejectedKeys = (events: readonly RunEvent[]): string[] =>
  events.flatMap((event) =>
    event.type === 'task.rejected' ? [event.data.taskId.slice(runId.length + 1)] : [],
  );

const code = (name: string) => expect.objectContaining({ code: name });

/** T1 → T2 → T3 and, beside them, T4 → T5. */
const chains = [task('T1'), task('T2', ['T1']), task('T3', ['T2']), task('T4'), task('T5', ['T4'])];

const planned = (partial: Parameters<typeof scenario>[0] = {}) => {
  const run = scenario(partial);
  run.start();
  run.plan(chains, ['R1']);
  return run;
};

const finished = (partial: Parameters<typeof scenario>[0] = {}) => {
  const run = planned(partial);
  for (const key of ['T1', 'T4', 'T2', 'T5', 'T3']) run.complete(key);
  return run;
};

describe('a rejected task of a run that has ended', () => {
  it('is done again with what depended on it, in order, and nothing else is', () => {
    const run = finished();
    expect(run.run().status).toBe('completed');
    const events = reject(run, 'T2');
    expect(rejectedKeys(events)).toEqual(['T2', 'T3']);
    expect(typesOf(events)).toContain('run.resumed');
    expect(scheduledKeys(events)).toEqual(['T2']);
    expect(scheduledKeys(run.complete('T2', 2))).toEqual(['T3']);
    const last = run.complete('T3', 2);
    expect(typesOf(last)).toContain('run.completed');
    expect([...run.run().tasks.values()].map(({ attempts }) => attempts)).toEqual([1, 2, 2, 1, 1]);
  });

  it('that nobody is to do again waits in the dead letters, and what was made of it stays', () => {
    const run = finished();
    expect(typesOf(reject(run, 'T2', false))).toEqual(['task.rejected', 'task.dead_lettered']);
    expect([run.run().status, statusOf(run, 'T2'), statusOf(run, 'T3')]).toEqual([
      'completed',
      'dead_letter',
      'completed',
    ]);
    expect(() => reject(run, 'T2', false)).toThrow(code('TASK_ALREADY_REJECTED'));
    expect(rejectedKeys(reject(run, 'T2'))).toEqual(['T2', 'T3']);
  });

  it('can be taken as it is after all, or done again alone', () => {
    const taken = finished();
    reject(taken, 'T2', false);
    taken.tell({ kind: 'approve_task', taskId: idOf('T2'), comment: '' });
    expect([taken.run().status, statusOf(taken, 'T3')]).toEqual(['completed', 'completed']);
    const again = finished();
    reject(again, 'T2', false);
    again.tell({ kind: 'retry_task', taskId: idOf('T2'), model: null });
    expect(typesOf(again.complete('T2', 2))).toContain('run.completed');
  });

  it('has the whole looked at again, once what is done again is done', () => {
    const { phases } = architectPlanSwarm;
    const run = scenario({ workflow: { ...architectPlanSwarm, phases: phases.slice(1) } });
    run.start();
    run.plan(chains);
    for (const key of ['T1', 'T4', 'T2', 'T5', 'T3']) run.complete(key);
    const [review] = [...run.run().tasks.keys()].slice(-1);
    const key = review?.slice(runId.length + 1) ?? '';
    run.complete(key);
    expect(run.run().status).toBe('completed');
    const events = reject(run, 'T5');
    expect(rejectedKeys(events)).toEqual(['T5', key]);
    expect(scheduledKeys(events)).toEqual(['T5']);
    expect(scheduledKeys(run.complete('T5', 2))).toEqual([key]);
    expect(typesOf(run.complete(key, 2))).toContain('run.completed');
  });

  it('is left alone in a run that was given up, or whose time is up', () => {
    const cancelled = planned();
    cancelled.complete('T1');
    cancelled.tell({ kind: 'cancel', reason: '' });
    expect(() => reject(cancelled, 'T1')).toThrow(code('RUN_ENDED'));
    expect(redoAttempts(cancelled, attemptOf('T1'))).toEqual([]);
    expect(typesOf(reject(cancelled, 'T1', false))).toEqual(['task.rejected', 'task.dead_lettered']);
    const late = finished({ budget: limit({ wallMs: 60_000 }) });
    late.wait(61_000);
    expect(() => reject(late, 'T2')).toThrow(code('BUDGET_EXHAUSTED'));
    expect(typesOf(redoAttempts(late, attemptOf('T2')))).toEqual(['task.rejected', 'task.dead_lettered']);
  });
});

describe('a rejected task of a run that goes on', () => {
  it('takes back who is at work on what it made; what that spent is counted all the same', () => {
    const run = planned({ budget: limit({ microUsd: 1_000 }), rehearsal: false });
    run.complete('T1');
    run.tell({
      kind: 'request_allowance',
      holder: attemptOf('T2'),
      requestId: 'q1',
      amount: { tokens: 0, microUsd: 400 },
    });
    expect(rejectedKeys(reject(run, 'T1'))).toEqual(['T1', 'T2']);
    expect([statusOf(run, 'T1'), statusOf(run, 'T2')]).toEqual(['active', 'waiting']);
    expect(run.run().ledger.reserved.microUsd).toBe(400);
    const usage = { ...noUsage, costMicroUsd: 300 };
    expect(typesOf(run.tell({ kind: 'end_attempt', attemptId: attemptOf('T2'), usage }))).toEqual([
      'budget.settled',
    ]);
    expect(run.run().ledger).toMatchObject({ reserved: { microUsd: 0 }, spent: { costMicroUsd: 300 } });
    expect(run.fail('T2')).toEqual([]);
    expect(scheduledKeys(run.complete('T1', 2))).toEqual(['T2']);
  });

  it('blocks what has not begun while it waits for an operator, and frees it when it is done again', () => {
    const run = planned({ maxAgents: 1 });
    run.complete('T1');
    reject(run, 'T1', false);
    expect(statusOf(run, 'T3')).toBe('blocked');
    reject(run, 'T1');
    expect(statusOf(run, 'T3')).toBe('waiting');
  });

  it('needs nobody any more to bring through a conflict what was handed in upon it', () => {
    const run = planned();
    run.complete('T1');
    const attemptId = attemptOf('T2');
    const work = { branch: 'b', commit: 'c', usage: noUsage, requirementIds: [], findings: [] };
    run.tell({ kind: 'finish_attempt', attemptId, ...work });
    run.tell({ kind: 'report_conflict', attemptId, branch: 'b', files: ['a.js'] });
    expect(() => reject(run, 'C6')).toThrow(code('WRONG_TASK_KIND'));
    expect(typesOf(reject(run, 'T1'))).toContain('task.cancelled');
    expect([statusOf(run, 'C6'), statusOf(run, 'T2')]).toEqual(['cancelled', 'waiting']);
    expect(run.tell({ kind: 'complete_merge', attemptId, commit: 'late' })).toEqual([]);
  });

  it('counts for its requirements again only when it is done again', () => {
    const run = scenario();
    run.start();
    run.plan([task('T1', [], { requirementIds: ['R1'] }), task('T2')], ['R1']);
    run.complete('T1');
    reject(run, 'T1');
    expect(run.run().requirements.get('R1')).toEqual({ tasks: 1, open: 1 });
    run.complete('T1', 2);
    expect(run.run().requirements.get('R1')).toEqual({ tasks: 1, open: 0 });
  });

  it.each([
    ['that is not done', 'T3', 'WRONG_TASK_STATUS'],
    ['that somebody is at', 'T2', 'WRONG_TASK_STATUS'],
    ['that is not there', 'T9', 'TASK_NOT_FOUND'],
  ])('cannot be one %s', (_, key, expected) => {
    const run = planned();
    run.complete('T1');
    expect(() => reject(run, key)).toThrow(code(expected));
  });

  it('cannot be rejected twice', () => {
    const run = planned({ maxAgents: 1 });
    run.complete('T1');
    reject(run, 'T1');
    expect(() => reject(run, 'T1')).toThrow(code('TASK_ALREADY_REJECTED'));
  });
});

describe('what was built upon knowledge that is not to be relied on', () => {
  it('is done again where the attempt counts that had it, whatever depends on it too, and is told nothing of it', () => {
    const run = planned();
    run.complete('T1');
    run.fail('T4');
    run.wait(1_000);
    const events = redoAttempts(run, attemptOf('T1'), attemptOf('T4'), attemptOf('T9'));
    expect(rejectedKeys(events)).toEqual(['T1', 'T2']);
    expect(events[0]).toMatchObject({ data: { because: 'k_1', distrusted: ['k_1', 'k_2'], redo: true } });
    expect(events[1]).toMatchObject({ data: { because: idOf('T1'), distrusted: ['k_1', 'k_2'] } });
    expect(redoAttempts(run, attemptOf('T1'), attemptOf('T4'))).toEqual([]);
  });

  it('waits for an operator when there is no money', () => {
    const run = finished();
    const told = { reason: 'Not so.', because: 'k_1', distrusted: ['k_1'], redo: false };
    const events = run.tell({ kind: 'redo_attempts', attemptIds: [attemptOf('T2')], ...told });
    expect(typesOf(events)).toEqual(['task.rejected', 'task.dead_lettered']);
  });
});
