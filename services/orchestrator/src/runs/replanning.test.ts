import { describe, expect, it } from '@jest/globals';
import { noUsage, type RunConfiguration, type RunEvent } from '@partitura/shared/events';
import { replanPhase, type TaskDefinition } from '@partitura/shared/planning';
import {
  configuration,
  idOf,
  limit,
  planAndSwarm,
  scenario,
  scheduledKeys,
  task,
  typesOf,
} from '../testing/scenario.ts';

const { prd } = configuration();
const edited = (letter: string) => ({ ...prd, content: { ...prd.content, hash: letter.repeat(64) } });
const blob = { hash: 'd'.repeat(64), size: 1, preview: '', contentType: 'application/json' };
const code = (expected: string) => expect.objectContaining({ code: expected });

/** T1, then T2 (of R1) and T3 (of R2) behind it, then T4 behind T3. */
const plan: readonly TaskDefinition[] = [
  task('T1'),
  task('T2', ['T1'], { requirementIds: ['R1'], priority: 0 }),
  task('T3', ['T1'], { requirementIds: ['R2'] }),
  task('T4', ['T3'], { requirementIds: ['R1'] }),
];
/** R2 was edited: N1 stands in the place of T3, and N2 is new. */
const changedPlan: readonly TaskDefinition[] = [
  task('T1'),
  task('T2', ['T1'], { requirementIds: ['R1'], priority: 0 }),
  task('V1T1', ['T1'], { requirementIds: ['R2'] }),
  task('T4', ['V1T1'], { requirementIds: ['R1'] }),
  task('V1T2', [], { requirementIds: ['R3'] }),
];

const story = (partial: Partial<RunConfiguration> = {}) => {
  const run = scenario({ maxAgents: 1, ...partial });
  const request = (letter: string, prdRevision = 2) =>
    run.tell({ kind: 'request_replan', prd: edited(letter), prdRevision });
  const accept = (number = 1, tasks = changedPlan, dropped: readonly string[] = ['T3']) =>
    run.tell({
      kind: 'accept_plan',
      plan: blob,
      planRevision: run.run().planRevision + 1,
      requirementIds: ['R1', 'R2', 'R3'],
      tasks,
      change: { number, dropped },
    });
  const finish = (visit = 1) =>
    run.tell({ kind: 'finish_planning', phase: replanPhase, visit, usage: noUsage });
  const statusOf = (key: string) => run.run().tasks.get(idOf(key) as never)?.status.kind;
  return { ...run, request, accept, finish, statusOf };
};

/** A run with T1 done and T2 at work. */
const atWork = (partial: Partial<RunConfiguration> = {}) => {
  const run = story(partial);
  run.start();
  run.plan(plan, ['R1', 'R2']);
  run.complete('T1');
  return run;
};

const about = (events: readonly RunEvent[], type: RunEvent['type']) =>
  events.filter((event) => event.type === type).map(({ data }) => data);

describe('an edit of the PRD while agents work', () => {
  it('begins at once, and nothing new is begun until the planner is done', () => {
    const run = atWork();
    expect(typesOf(run.request('b'))).toEqual(['run.replan_requested', 'run.replan_started']);
    expect(scheduledKeys(run.complete('T2'))).toEqual([]);
    expect(run.run().phase?.id).toBe('executor');
    run.accept();
    expect(scheduledKeys(run.finish())).toEqual(['V1T1']);
  });

  it('keeps what is finished, cancels what is dropped, adds what is new, in one decision', () => {
    const run = atWork();
    run.request('b');
    const events = run.accept();
    expect(typesOf(events)).toEqual([
      'plan.accepted',
      'task.added',
      'task.added',
      'task.rewired',
      'task.cancelled',
      'run.replanned',
    ]);
    expect(about(events, 'run.replanned')).toMatchObject([
      { cancelled: [idOf('T3')], added: [idOf('V1T1'), idOf('V1T2')], rewired: [idOf('T4')] },
    ]);
    run.finish();
    expect(['T1', 'T2', 'T3', 'T4'].map(run.statusOf)).toEqual([
      'completed',
      'active',
      'cancelled',
      'waiting',
    ]);
    for (const key of ['T2', 'V1T1', 'V1T2', 'T4']) run.complete(key);
    expect(run.log.at(-1)).toMatchObject({
      type: 'run.completed',
      data: { requirements: 3, requirementsMet: 3 },
    });
  });

  it('breaks off an agent that is at what is dropped, and keeps what came to its end meanwhile', () => {
    const breaking = atWork({ maxAgents: 2 });
    breaking.request('b');
    expect(breaking.statusOf('T3')).toBe('active');
    breaking.accept();
    expect(breaking.statusOf('T3')).toBe('cancelled');
    const keeping = atWork({ maxAgents: 2 });
    keeping.request('b');
    keeping.complete('T3');
    const events = keeping.accept();
    expect(about(events, 'run.replanned')).toMatchObject([{ cancelled: [] }]);
    expect(keeping.statusOf('T3')).toBe('completed');
    keeping.finish();
    expect(keeping.statusOf('T4')).toBe('waiting');
  });

  it('frees what a dead letter blocked when another task takes its place', () => {
    const policy = { ...planAndSwarm.policy, maxAttempts: 1 };
    const run = atWork({ maxAgents: 2, workflow: { ...planAndSwarm, policy } });
    run.fail('T3');
    expect(run.statusOf('T4')).toBe('blocked');
    run.request('b');
    expect(about(run.accept(), 'task.unblocked')).toEqual([{ taskId: idOf('T4') }]);
    run.finish();
    for (const key of ['T2', 'V1T1', 'V1T2', 'T4']) run.complete(key);
    expect(run.run().status).toBe('completed');
  });

  it('refuses a plan in which tasks wait for each other, and goes on with the one it has', () => {
    const run = atWork();
    run.request('b');
    const circle = [...plan.slice(0, 2), task('A', ['B']), task('B', ['A'])];
    expect(run.accept(1, circle)).toMatchObject([
      { type: 'run.replan_failed', data: { problem: { code: 'PLAN_CYCLE' } } },
    ]);
    run.finish();
    expect(run.run().replanning).toBeNull();
    for (const key of ['T2', 'T3', 'T4']) run.complete(key);
    expect(run.run().status).toBe('completed');
  });
});

describe('an edit of the PRD at another time', () => {
  it('waits for the plan that is being made, and takes the latest wish', () => {
    const run = story();
    run.start();
    expect(typesOf(run.request('b'))).toEqual(['run.replan_requested']);
    run.request('c', 3);
    const events = run.plan(plan, ['R1', 'R2']);
    expect(about(events, 'run.replan_started')).toMatchObject([{ number: 2, prd: edited('c') }]);
    expect(scheduledKeys(events)).toEqual([]);
  });

  it('waits for the one under way, whose planner has to tell what it spent', () => {
    const run = atWork({ budget: limit({ tokens: 100_000 }) });
    run.request('b');
    expect(typesOf(run.request('c', 3))).toEqual(['run.replan_requested']);
    expect(run.request('c', 3)).toEqual([]);
    run.accept(1);
    expect(typesOf(run.finish(1))).toContain('run.replan_started');
    expect(run.run()).toMatchObject({ prd: edited('b'), replanning: { number: 2 }, wanted: null });
    // Late words of the first decide nothing.
    expect(run.accept(1)).toEqual([]);
    expect(run.finish(1)).toEqual([]);
  });

  it('is nothing when the run has that PRD, has ended, or has no plan to keep', () => {
    const run = atWork();
    expect(() => run.request('a')).toThrow(code('NOTHING_TO_REPLAN'));
    run.tell({ kind: 'cancel', reason: '' });
    expect(() => run.request('b')).toThrow(code('RUN_ENDED'));
    const planOnly = story({ planOnly: true });
    planOnly.start();
    expect(() => planOnly.request('b')).toThrow(code('WRONG_RUN_MODE'));
  });

  it('begins after a pause, and ends with the run', () => {
    const run = atWork();
    run.tell({ kind: 'pause', reason: 'operator', detail: '' });
    expect(typesOf(run.request('b'))).toEqual(['run.replan_requested']);
    expect(typesOf(run.tell({ kind: 'resume' }))).toEqual(['run.resumed', 'run.replan_started']);
    run.tell({ kind: 'cancel', reason: '' });
    expect(run.accept()).toEqual([]);
    expect(typesOf(run.finish())).toEqual(['budget.settled']);
  });

  it('leaves the run with its plan when the planner cannot make another', () => {
    const run = atWork();
    run.request('b');
    expect(typesOf(run.complete('T2'))).not.toContain('task.scheduled');
    run.tell(failing);
    expect(run.run()).toMatchObject({ status: 'running', prd, replanning: null });
    for (const key of ['T3', 'T4']) run.complete(key);
    expect(run.run().status).toBe('completed');
    // What came to nothing may be asked for again.
    const again = atWork();
    again.request('b');
    again.tell(failing);
    expect(typesOf(again.request('b'))).toEqual(['run.replan_requested', 'run.replan_started']);
  });
});

const failing = {
  kind: 'fail_planning',
  phase: replanPhase,
  visit: 1,
  problem: { code: 'MODEL_UNAUTHORIZED', message: 'The key is wrong.' },
  usage: noUsage,
} as const;

describe('a workflow that asks for its plans', () => {
  const phases = planAndSwarm.phases.map((phase) =>
    phase.act.kind === 'plan' ? { ...phase, act: { kind: 'plan' as const, approval: true } } : phase,
  );
  const asked = () => {
    const run = story({ maxAgents: 1, workflow: { ...planAndSwarm, phases } });
    run.start();
    const first = {
      kind: 'accept_plan',
      plan: { ...blob, hash: 'e'.repeat(64) },
      planRevision: 1,
      requirementIds: ['R1', 'R2'],
      tasks: plan,
    } as const;
    run.tell(first);
    run.tell({ kind: 'finish_planning', phase: 'planner', visit: 1, usage: noUsage });
    run.tell({ kind: 'decide_approval', approvalId: 'r_test.plan1', granted: true, comment: '' });
    run.tell(first);
    run.complete('T1');
    run.request('b');
    expect(typesOf(run.accept())).toEqual(['approval.requested']);
    run.finish();
    return run;
  };
  const answer = (run: ReturnType<typeof asked>, granted: boolean) =>
    run.tell({ kind: 'decide_approval', approvalId: 'r_test.plan2', granted, comment: '' });

  it('goes on with the plan it has until somebody says yes to the changed one', () => {
    const run = asked();
    expect(scheduledKeys(run.complete('T2'))).toEqual(['T3']);
    answer(run, true);
    expect(typesOf(run.accept())).toContain('run.replanned');
    expect(run.run().replanning).toBeNull();
  });

  it('keeps the plan it has after a no, and ends only when everybody has answered', () => {
    const run = asked();
    for (const key of ['T2', 'T3', 'T4']) run.complete(key);
    expect(run.run().status).toBe('running');
    expect(typesOf(answer(run, false))).toContain('run.replan_failed');
    expect(run.run().status).toBe('completed');
  });

  it('asks nobody any more for what was edited again', () => {
    const run = asked();
    expect(typesOf(run.request('c', 3))).toEqual([
      'approval.expired',
      'run.replan_failed',
      'run.replan_requested',
      'run.replan_started',
    ]);
  });
});
