import { describe, expect, it } from '@jest/globals';
import { type Finding, noUsage } from '@partitura/shared/events';
import { architectPlanSwarm, type Condition, type Phase, type Workflow } from '@partitura/shared/workflows';
import { limit, runId, scenario, task, typesOf } from '../testing/scenario.ts';
import { holds } from './routing.ts';

const withPhases = (...phases: readonly Partial<Phase>[]): Workflow => ({
  ...architectPlanSwarm,
  name: 'made-up',
  phases: phases.map((phase, at) => ({
    id: `ph${at}`,
    title: `Phase ${at}`,
    act: { kind: 'tasks' },
    model: null,
    maxVisits: 1,
    routes: [],
    ...phase,
  })),
});

const warning: Workflow = {
  ...architectPlanSwarm,
  policy: { ...architectPlanSwarm.policy, gate: 'warn' },
};

const approving: Workflow = {
  ...architectPlanSwarm,
  phases: architectPlanSwarm.phases
    .filter(({ id }) => id !== 'architect')
    .map((phase) => (phase.id === 'planner' ? { ...phase, act: { kind: 'plan', approval: true } } : phase)),
};

const critical: Finding = { severity: 'critical', title: 'It leaks', file: 'a.js', line: 3, advice: 'Stop.' };

type Scenario = ReturnType<typeof scenario>;

const plannedIn = (run: Scenario, phase: string, visit = 1) =>
  run.tell({ kind: 'finish_planning', phase, visit, usage: noUsage });

const propose = (run: Scenario, planRevision: number, hash = 'a', keys: readonly string[] = ['T1']) =>
  run.tell({
    kind: 'accept_plan',
    plan: { hash: hash.repeat(64), size: 1, preview: '', contentType: 'application/json' },
    planRevision,
    requirementIds: [],
    tasks: keys.map((key) => task(key)),
  });

/** The one attempt that is at work, reviews without a branch. */
const atWork = (run: Scenario): string => {
  const [status] = [...run.run().tasks.values()].flatMap((one) =>
    one.status.kind === 'active' ? one.status : [],
  );
  if (status?.kind !== 'active') throw new Error('Nobody is at work.');
  return status.attempt.id;
};

const finish = (run: Scenario, findings: readonly Finding[] = []) =>
  run.tell({
    kind: 'finish_attempt',
    attemptId: atWork(run),
    branch: null,
    commit: null,
    usage: noUsage,
    requirementIds: [],
    findings,
  });

const upToReview = (workflow: Workflow): Scenario => {
  const run = scenario({ workflow });
  run.start();
  plannedIn(run, 'architect');
  propose(run, 1);
  plannedIn(run, 'planner');
  finish(run);
  expect(run.run().phase).toMatchObject({ id: 'reviewer', visit: 1 });
  return run;
};

describe('the phases of a run', () => {
  it('come one after the other, each in the append that ends the one before', () => {
    const run = scenario({ workflow: architectPlanSwarm });
    expect(typesOf(run.start())).toEqual(['run.created', 'run.started', 'phase.entered']);
    expect(typesOf(plannedIn(run, 'architect'))).toEqual([
      'budget.settled',
      'phase.completed',
      'phase.entered',
    ]);
    propose(run, 1);
    expect(typesOf(plannedIn(run, 'planner')).slice(-3)).toEqual([
      'phase.completed',
      'phase.entered',
      'task.scheduled',
    ]);
    expect(typesOf(finish(run))).toEqual([
      'task.completed',
      'phase.completed',
      'phase.entered',
      'task.added',
      'task.scheduled',
    ]);
    expect(typesOf(finish(run))).toEqual(['task.completed', 'phase.completed', 'run.completed']);
  });

  it('go back for what a review finds critical, as often as they may, and then stop', () => {
    const run = upToReview(architectPlanSwarm);
    for (const visit of [2, 3]) {
      finish(run, [critical]);
      expect(run.run().phase).toMatchObject({ id: 'executor', visit });
      const fix = [...run.run().tasks.values()].at(-1);
      expect(fix).toMatchObject({ definition: { kind: 'fix', title: 'Fix: It leaks' } });
      finish(run);
      expect(run.run().phase).toMatchObject({ id: 'reviewer', visit });
    }
    expect(finish(run, [critical]).at(-1)).toMatchObject({ type: 'run.stopped', data: { by: 'policy' } });
    expect(run.run().status).toBe('stopped_policy');
  });

  it('end well when the last review finds nothing any more', () => {
    const run = upToReview(architectPlanSwarm);
    finish(run, [critical]);
    finish(run);
    finish(run);
    expect(run.run().status).toBe('completed');
  });

  it('go on with a warning where the gate only warns', () => {
    const run = upToReview(warning);
    finish(run, [critical]);
    expect(run.run().status).toBe('completed');
  });

  it('do not slip past a closed gate into a later phase when the visits are used up', () => {
    const reviewer = architectPlanSwarm.phases.find(({ id }) => id === 'reviewer');
    const docs: Phase = { ...architectPlanSwarm.phases[3], ...reviewer, id: 'docs', routes: [] } as Phase;
    const phases = architectPlanSwarm.phases.map((phase) => ({ ...phase, maxVisits: 1 }));
    const run = upToReview({ ...architectPlanSwarm, phases: [...phases, docs] });
    finish(run, [critical]);
    expect(run.run().status).toBe('stopped_policy');
  });

  it('end where there is nothing to do: no tasks, no tasks left, no phase for them', () => {
    const run = scenario();
    run.start();
    expect(run.plan([]).at(-1)).toMatchObject({ type: 'run.completed', data: { requirementsMet: 0 } });
    const planOnly = scenario({ planOnly: true });
    planOnly.start();
    const events = planOnly.plan([task('T1')]);
    expect(typesOf(events)).not.toContain('task.scheduled');
    expect(events.at(-1)).toMatchObject({ type: 'run.completed', data: { branch: null } });
    const empty = scenario({ workflow: withPhases({}, {}) });
    expect(typesOf(empty.start()).at(-1)).toBe('run.completed');
  });

  it('begin their tasks when they come, not when the plan does', () => {
    const agent = architectPlanSwarm.phases[3]?.act;
    if (!agent) throw new Error('There is no reviewer.');
    const run = scenario({
      workflow: withPhases({ act: { kind: 'plan', approval: false } }, { act: agent }, {}),
    });
    run.start();
    propose(run, 1);
    plannedIn(run, 'ph0');
    expect(atWork(run)).toBe(`${runId}.P2V1.a1`);
    expect(run.run().active).toBe(1);
    finish(run);
    expect(atWork(run)).toBe(`${runId}.T1.a1`);
  });

  it('can be routed by dead letters; without such a route they end the run', () => {
    const routes: Phase['routes'] = [
      { when: { fact: 'tasks.deadLettered', is: 'atLeast', value: 1 }, to: { end: 'stopped_policy' } },
    ];
    const plan: Partial<Phase> = { act: { kind: 'plan', approval: false } };
    for (const [workflow, end] of [
      [withPhases(plan, { routes }), 'stopped_policy'],
      [withPhases(plan, {}), 'failed'],
    ] as const) {
      const run = scenario({ workflow: { ...workflow, policy: { ...workflow.policy, maxAttempts: 1 } } });
      run.start();
      propose(run, 1);
      plannedIn(run, 'ph0');
      run.fail('T1');
      expect(run.run().status).toBe(end);
    }
  });

  it('pass over routes to phases that are used up or not there', () => {
    const always: Condition = { fact: 'phase.visits', is: 'atLeast', value: 1 };
    const routes = [
      { when: always, to: { phase: 'ph0' } },
      { when: always, to: { phase: 'nowhere' } },
    ];
    const run = scenario({ workflow: withPhases({ maxVisits: 3 }, { maxVisits: 3, routes }) });
    run.start();
    expect(run.run().status).toBe('completed');
    expect([...run.run().visits]).toEqual([
      ['ph0', 3],
      ['ph1', 3],
    ]);
  });
});

describe('what a route asks', () => {
  it('is compared, and joined by all and any', () => {
    const run = scenario({ budget: limit({ tokens: 1, onExceed: 'pause' }) });
    run.start();
    const asks = (condition: Condition) => holds(run.run(), condition);
    const one: Condition = { fact: 'phase.visits', is: 'equal', value: 1 };
    const two: Condition = { fact: 'phase.visits', is: 'atLeast', value: 2 };
    expect(asks(one)).toBe(true);
    expect(asks({ ...one, is: 'notEqual' })).toBe(false);
    expect(asks({ ...one, value: '1' })).toBe(false);
    expect(asks(two)).toBe(false);
    expect(asks({ ...two, is: 'lessThan' })).toBe(true);
    expect(asks({ all: [one, two] })).toBe(false);
    expect(asks({ any: [two, { all: [one] }] })).toBe(true);
    expect(asks({ fact: 'policy.onExceed', is: 'equal', value: 'pause' })).toBe(true);
    expect(asks({ fact: 'policy.gate', is: 'equal', value: 'block_critical' })).toBe(true);
    expect(asks({ fact: 'budget.exceeded', is: 'equal', value: false })).toBe(true);
  });
});

describe('a plan that somebody has to agree to', () => {
  const asked = () => {
    const run = scenario({ workflow: approving });
    run.start();
    return run;
  };
  const answer = (run: Scenario, revision: number, granted: boolean) =>
    run.tell({ kind: 'decide_approval', approvalId: `${runId}.plan${revision}`, granted, comment: '' });

  it('is asked about once, and accepted after a yes to it', () => {
    const run = asked();
    expect(typesOf(propose(run, 1))).toEqual(['approval.requested']);
    expect(propose(run, 1)).toEqual([]);
    expect(typesOf(plannedIn(run, 'planner'))).toEqual(['budget.settled']);
    expect(typesOf(answer(run, 1, true))).toEqual(['approval.granted']);
    expect(() => answer(run, 1, true)).toThrow(expect.objectContaining({ code: 'APPROVAL_NOT_PENDING' }));
    expect(typesOf(propose(run, 1))).toContain('plan.accepted');
    expect(run.run().phase?.id).toBe('executor');
  });

  it('is not accepted by a yes to another one', () => {
    const run = asked();
    propose(run, 1, 'a');
    expect(typesOf(propose(run, 2, 'b'))).toEqual(['approval.expired', 'approval.requested']);
    expect(() => answer(run, 1, true)).toThrow(expect.objectContaining({ code: 'APPROVAL_NOT_PENDING' }));
    expect(propose(run, 1, 'a')).toEqual([]);
    answer(run, 2, true);
    expect(propose(run, 3, 'c').at(-1)?.type).toBe('approval.requested');
  });

  it('ends the run with a no', () => {
    const run = asked();
    propose(run, 1);
    expect(typesOf(answer(run, 1, false))).toEqual(['approval.denied', 'run.cancelled']);
  });
});

describe('a planner that fails', () => {
  const failing = (code: string, budget = limit({ microUsd: 1_000 })) => {
    const run = scenario({ budget, rehearsal: false });
    run.start();
    const events = run.tell({
      kind: 'fail_planning',
      phase: 'planner',
      visit: 1,
      problem: { code, message: 'No.' },
      usage: { ...noUsage, costMicroUsd: 100 },
    });
    return { run, events };
  };

  it('ends the run when nobody can mend it', () => {
    const { events } = failing('PLAN_INVALID');
    expect(events.at(-1)).toMatchObject({ type: 'run.failed', data: { usage: { costMicroUsd: 100 } } });
  });

  it('pauses it when somebody can, and a resume enters the phase again with what is left', () => {
    const { run, events } = failing('MODEL_UNAUTHORIZED');
    expect(typesOf(events)).toEqual(['phase.interrupted', 'budget.settled', 'run.paused']);
    expect(plannedIn(run, 'planner')).toEqual([]);
    expect(run.tell({ kind: 'resume' })).toMatchObject([
      { type: 'run.resumed' },
      { type: 'phase.entered', data: { visit: 2, reservation: { microUsd: 900 } } },
    ]);
    propose(run, 1);
    plannedIn(run, 'planner', 2);
    expect(run.run().phase?.id).toBe('executor');
  });
});

it('asks nobody any more when a run has ended', () => {
  const run = scenario({ workflow: approving });
  run.start();
  propose(run, 1);
  expect(run.run().approvals.size).toBe(1);
  const ended = run.tell({ kind: 'cancel', reason: '' });
  expect(typesOf(ended)).toEqual(['run.cancelled', 'approval.expired']);
  expect(run.run().approvals.size).toBe(0);
});
