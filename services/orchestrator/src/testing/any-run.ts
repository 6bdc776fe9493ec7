import { type Budget, noUsage, type RunConfiguration } from '@partitura/shared/events';
import { replanPhase, type TaskDefinition } from '@partitura/shared/planning';
import type { Phase, Workflow } from '@partitura/shared/workflows';
import fc from 'fast-check';
import type { RunCommand } from '../runs/commands.ts';
import type { Run, RunState } from '../runs/state.ts';
import { attemptOf, configuration, idOf, limit, planAndSwarm, runId, task } from './scenario.ts';

const severities = ['critical', 'high', 'low'] as const;
const facts = [
  'budget.exceeded',
  'policy.gate',
  'tasks.deadLettered',
  'findings.critical',
  'findings.open',
  'phase.visits',
] as const;
const ends = ['completed', 'failed', 'stopped_budget', 'stopped_policy'] as const;

const acts: readonly Phase['act'][] = [
  { kind: 'architecture' },
  { kind: 'plan', approval: false },
  { kind: 'plan', approval: true },
  { kind: 'tasks' },
  {
    kind: 'agent',
    agentType: 'review-code',
    taskKind: 'review',
    title: 'Review',
    instructions: '',
    acceptanceCriteria: [],
  },
];

const comparison = fc.record({
  fact: fc.constantFrom(...facts),
  is: fc.constantFrom('equal' as const, 'notEqual' as const, 'atLeast' as const, 'lessThan' as const),
  value: fc.constantFrom<string | number | boolean>(0, 1, 2, true, 'block_critical'),
});

const phases = fc.integer({ min: 1, max: 4 }).chain((size) =>
  fc.array(
    fc.record({
      act: fc.constantFrom(...acts),
      maxVisits: fc.integer({ min: 1, max: 3 }),
      routes: fc.array(
        fc.record({
          when: fc.oneof(
            comparison,
            fc.record({ all: fc.array(comparison, { minLength: 1, maxLength: 2 }) }),
            fc.record({ any: fc.array(comparison, { minLength: 1, maxLength: 2 }) }),
          ),
          to: fc.oneof(
            { weight: 3, arbitrary: fc.nat(size - 1).map((at) => ({ phase: `ph${at}` })) },
            { weight: 1, arbitrary: fc.constantFrom(...ends).map((end) => ({ end })) },
          ),
        }),
        { maxLength: 2 },
      ),
    }),
    { minLength: size, maxLength: size },
  ),
);

/** Half of all: a plan, its tasks, and a review that goes back to them. Any workflow at all seldom comes that far. */
const usual: typeof phases = fc.boolean().map((approval) => [
  { act: { kind: 'plan' as const, approval }, maxVisits: 2, routes: [] },
  { act: { kind: 'tasks' as const }, maxVisits: 2, routes: [] },
  {
    act: acts[4] ?? { kind: 'tasks' as const },
    maxVisits: 2,
    routes: [
      {
        when: { fact: 'findings.critical' as const, is: 'atLeast' as const, value: 1 },
        to: { phase: 'ph1' },
      },
    ],
  },
]);

const workflow: fc.Arbitrary<Workflow> = fc
  .record({
    phases: fc.oneof(phases, usual),
    gate: fc.constantFrom('block_critical' as const, 'warn' as const),
    maxAttempts: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ phases: drawn, gate, maxAttempts }) => ({
    ...planAndSwarm,
    phases: drawn.map((phase, at) => ({ ...phase, id: `ph${at}`, title: `Phase ${at}`, model: null })),
    policy: { ...planAndSwarm.policy, gate, maxAttempts, taskTimeoutMs: 50_000 },
  }));

const limitOrNot = (max: number) => fc.option(fc.integer({ min: 0, max }), { nil: null, freq: 2 });

const budget: fc.Arbitrary<Budget | null> = fc.option(
  fc
    .record({
      microUsd: limitOrNot(5_000),
      tokens: limitOrNot(20_000),
      wallMs: fc.constantFrom(null, null, null, 0, 90_000),
      onExceed: fc.constantFrom('stop' as const, 'pause' as const),
    })
    .map(limit),
  { nil: null, freq: 2 },
);

/** Any small workflow, with any budget, agents and modes. */
export const anyConfiguration: fc.Arbitrary<RunConfiguration> = fc
  .record({
    workflow,
    budget,
    maxAgents: fc.integer({ min: 1, max: 3 }),
    step: fc.nat(3).map((one) => one === 0),
    planOnly: fc.nat(9).map((nine) => nine === 9),
  })
  .map(configuration);

const planned = fc
  .array(
    fc.record({
      on: fc.array(fc.nat(5), { maxLength: 2 }),
      epic: fc.nat(9).map((one) => one === 0),
      prefix: fc.constantFrom('T', 'T', 'T', 'C', 'F'),
    }),
    { maxLength: 6, size: 'max' },
  )
  .map((drawn): TaskDefinition[] => {
    const keys = drawn.map(({ prefix }, at) => `${prefix}${at + 1}`);
    return drawn.map(({ on, epic }, at) =>
      task(
        keys[at] ?? '',
        [...new Set(on)].filter((one) => one < at).map((one) => keys[one] ?? ''),
        { kind: epic ? 'epic' : 'task', requirementIds: [`R${at}`] },
      ),
    );
  });

/** A command whose aim depends on where the run stands: mostly at what is there, sometimes beside it. */
export type AimedCommand = (run: RunState) => Omit<RunCommand, 'at'>;

const pick = <Item>(items: readonly Item[], at: number): Item | undefined => items[at % (items.length || 1)];

const tasksOf = (run: RunState) => (run === null ? [] : [...run.tasks.values()]);

const attemptsAt = (run: RunState): string[] =>
  tasksOf(run).flatMap(({ status }) =>
    status.kind === 'active' || status.kind === 'in_review' ? [status.attempt.id as string] : [],
  );

/** The run's tasks but every n-th, side by side or in a row, and what is new. */
const changed = (
  drawn: readonly TaskDefinition[],
  { every, inARow }: { readonly every: number; readonly inARow: boolean },
  run: RunState,
): { tasks: TaskDefinition[]; dropped: string[] } => {
  const before = tasksOf(run).map(({ definition }) => definition);
  const dropped = before.filter((_, at) => at % (every + 1) === every).map(({ key }) => key);
  const kept = before.filter(({ key }) => !dropped.includes(key));
  const rewired = kept.map((definition, at) => ({
    ...definition,
    dependsOn: inARow ? kept.slice(Math.max(0, at - 1), at).map(({ key }) => key) : [],
  }));
  const keys = new Set(before.map(({ key }) => key));
  const fresh = drawn.filter(({ key }) => !keys.has(key));
  const there = new Set([...rewired, ...fresh].map(({ key }) => key));
  const left = fresh.map((task) => ({ ...task, dependsOn: task.dependsOn.filter((key) => there.has(key)) }));
  return { tasks: [...rewired, ...left], dropped };
};

const anyAttempt = fc
  .record({ at: fc.nat(5), late: fc.nat(7).map((one) => one === 0), number: fc.integer({ min: 1, max: 3 }) })
  .map(({ at, late, number }) => (run: RunState): string => {
    const held = run === null ? [] : [...run.ledger.held.keys()].filter((holder) => holder !== 'plan');
    const now = pick(late ? held : attemptsAt(run), at);
    return now ?? attemptOf(`T${at}`, number);
  });

const anyTask = fc.nat(9).map(
  (at) =>
    (run: RunState): string =>
      pick(tasksOf(run), at)?.id ?? idOf(`T${at}`),
);

/** Of those in the dead letters, if there are any. */
const anyDead = fc.nat(5).map(
  (at) =>
    (run: RunState): string =>
      pick(
        tasksOf(run).filter(({ status }) => status.kind === 'dead_letter'),
        at,
      )?.id ?? idOf('T1'),
);

/** Of those that are done, or that somebody is at. */
const anyBegun = fc.nat(5).map(
  (at) => (run: RunState) =>
    pick(
      tasksOf(run).filter(({ status }) => status.kind === 'completed' || status.kind === 'active'),
      at,
    ),
);

const spent = fc.record({ inputTokens: fc.nat(60), costMicroUsd: fc.nat(60) });

/** At the most what the holder holds: that is the runner's half of the rule. */
const within = (run: RunState, holder: string, wanted: { inputTokens: number; costMicroUsd: number }) => {
  const held = run?.ledger.held.get(holder);
  const limits = run?.configuration.budget ?? null;
  const bounded = (value: number, limitOf: number | null | undefined, most: number | undefined) =>
    limitOf === null || limitOf === undefined ? value : Math.min(value, most ?? 0);
  return {
    ...noUsage,
    inputTokens: bounded(wanted.inputTokens, limits?.tokens, held?.tokens),
    costMicroUsd: bounded(wanted.costMicroUsd, limits?.microUsd, held?.microUsd),
  };
};

const finding = fc.constantFrom(...severities).map((severity) => ({
  severity,
  title: `A ${severity} one`,
  file: null,
  line: null,
  advice: '',
}));

const problem = fc
  .constantFrom('CHECKS_FAILED', 'CHECKS_FAILED', 'MODEL_UNAUTHORIZED', 'BUDGET_DENIED', 'MODEL_REFUSED')
  .map((code) => ({ code, message: 'It failed.' }));

const hashes = ['a', 'b', 'c'].map((letter) => letter.repeat(64));

/** What the planner is at: a re-planning, or the run's phase. */
const plannedOf = (run: Run | null) =>
  run?.replanning && !run.replanning.settled
    ? { phase: replanPhase, visit: run.replanning.number }
    : phaseOf(run);

const phaseOf = (run: Run | null) => ({ phase: run?.phase?.id ?? 'ph0', visit: run?.phase?.visit ?? 1 });

const aimed = <Drawn>(
  weight: number,
  drawn: fc.Arbitrary<Drawn>,
  aim: (drawn: Drawn, run: RunState) => Omit<RunCommand, 'at'>,
) => ({
  weight,
  arbitrary: drawn.map(
    (one): AimedCommand =>
      (run) =>
        aim(one, run),
  ),
});

/** What planners, agents and the merge queue report: each is told of an event, which may come twice. */
export const anyReport: fc.Arbitrary<AimedCommand> = fc.oneof(
  aimed(2, anyTask, (one, run) => ({
    kind: 'record_checks',
    taskId: one(run),
    requestId: 'q',
    checks: [],
    problem: null,
  })),
  aimed(
    6,
    fc.record({ tasks: planned, revision: fc.integer({ min: 1, max: 3 }) }),
    ({ tasks, revision }) => ({
      kind: 'accept_plan',
      plan: { hash: hashes[revision - 1] ?? '', size: 1, preview: '', contentType: 'application/json' },
      planRevision: revision,
      requirementIds: tasks.flatMap(({ requirementIds }) => requirementIds),
      tasks,
    }),
  ),
  aimed(
    4,
    fc.record({
      tasks: planned,
      ahead: fc.nat(2),
      late: fc.nat(7).map((one) => one === 0),
      every: fc.integer({ min: 1, max: 3 }),
      inARow: fc.boolean(),
    }),
    ({ tasks, ahead, late, ...drawn }, run) => ({
      kind: 'accept_plan',
      plan: { hash: hashes[ahead] ?? '', size: 1, preview: '', contentType: 'application/json' },
      planRevision: (run?.planRevision ?? 0) + 1 + ahead,
      requirementIds: tasks.flatMap(({ requirementIds }) => requirementIds),
      tasks: changed(tasks, drawn, run).tasks,
      change: {
        number: (run?.replanning?.number ?? 1) + Number(late),
        dropped: changed(tasks, drawn, run).dropped,
      },
    }),
  ),
  aimed(6, spent, (usage, run) => ({
    kind: 'finish_planning',
    ...plannedOf(run),
    usage: within(run, 'plan', usage),
  })),
  aimed(1, fc.record({ spent, problem }), ({ spent: usage, problem: one }, run) => ({
    kind: 'fail_planning',
    ...plannedOf(run),
    problem: one,
    usage: within(run, 'plan', usage),
  })),
  aimed(4, anyAttempt, (attempt, run) => ({ kind: 'start_attempt', attemptId: attempt(run) })),
  aimed(
    14,
    fc.record({
      attempt: anyAttempt,
      spent,
      merges: fc.boolean(),
      findings: fc.array(finding, { maxLength: 1 }),
    }),
    ({ attempt, spent: usage, merges, findings }, run) => ({
      kind: 'finish_attempt',
      attemptId: attempt(run),
      branch: merges ? 'b' : null,
      commit: merges ? 'c' : null,
      usage: within(run, attempt(run), usage),
      requirementIds: [],
      findings,
    }),
  ),
  aimed(
    4,
    fc.record({ attempt: anyAttempt, spent, problem }),
    ({ attempt, spent: usage, problem: one }, run) => ({
      kind: 'fail_attempt',
      attemptId: attempt(run),
      problem: one,
      usage: within(run, attempt(run), usage),
    }),
  ),
  aimed(2, fc.record({ attempt: anyAttempt, spent }), ({ attempt, spent: usage }, run) => ({
    kind: 'end_attempt',
    attemptId: attempt(run),
    usage: within(run, attempt(run), usage),
  })),
  aimed(8, anyAttempt, (attempt, run) => ({ kind: 'complete_merge', attemptId: attempt(run), commit: 'm' })),
  aimed(3, anyAttempt, (attempt, run) => ({
    kind: 'report_conflict',
    attemptId: attempt(run),
    branch: 'b',
    files: ['a.js'],
  })),
  aimed(2, fc.record({ attempt: anyAttempt, problem }), ({ attempt, problem: one }, run) => ({
    kind: 'reject_merge',
    attemptId: attempt(run),
    problem: one,
  })),
  aimed(
    4,
    fc.record({ begun: anyBegun, again: fc.nat(4).map((one) => one > 0) }),
    ({ begun, again }, run) => ({
      kind: 'redo_attempts',
      attemptIds: [`${begun(run)?.id ?? idOf('T1')}.a${begun(run)?.attempts ?? 1}`],
      reason: 'It was wrong.',
      because: 'k_1',
      distrusted: ['k_1'],
      redo: again,
    }),
  ),
  aimed(
    4,
    fc.record({ attempt: anyAttempt, plan: fc.boolean(), amount: fc.nat(900), request: fc.nat(1_000) }),
    ({ attempt, plan, amount, request }, run) => ({
      kind: 'request_allowance',
      holder: plan ? 'plan' : attempt(run),
      requestId: `q${request}`,
      amount: { tokens: amount, microUsd: amount },
    }),
  ),
);

/** What operators do, which may be refused. */
export const anyIntervention: fc.Arbitrary<AimedCommand> = fc.oneof(
  aimed(1, fc.constant(0), () => ({ kind: 'pause', reason: 'operator', detail: '' })),
  aimed(12, fc.constant(0), () => ({ kind: 'resume' })),
  aimed(4, fc.nat(2), (at) => ({
    kind: 'request_replan',
    prd: { ...configuration().prd, content: { ...configuration().prd.content, hash: hashes[at] ?? '' } },
    prdRevision: at + 1,
  })),
  aimed(6, anyDead, (dead, run) => ({ kind: 'retry_task', taskId: dead(run), model: null })),
  aimed(2, fc.constant(0), () => ({ kind: 'retry_all', model: 'other/model' })),
  aimed(6, anyDead, (dead, run) => ({ kind: 'approve_task', taskId: dead(run), comment: '' })),
  aimed(3, fc.oneof(anyTask, anyDead), (one, run) => ({ kind: 'cancel_task', taskId: one(run), reason: '' })),
  aimed(
    6,
    fc.record({ begun: anyBegun, again: fc.nat(4).map((one) => one > 0) }),
    ({ begun, again }, run) => ({
      kind: 'reject_task',
      taskId: begun(run)?.id ?? idOf('T1'),
      reason: 'It is wrong.',
      redo: again,
    }),
  ),
  aimed(1, anyAttempt, (attempt, run) => ({
    kind: 'message_attempt',
    attemptId: attempt(run),
    messageId: 'm',
    text: 'Hm.',
  })),
  aimed(3, anyAttempt, (attempt, run) => ({
    kind: 'interrupt_attempt',
    attemptId: attempt(run),
    messageId: 'm',
    reason: '',
  })),
  aimed(4, anyTask, (one, run) => ({ kind: 'request_checks', taskId: one(run), requestId: 'q' })),
  aimed(1, anyTask, (one, run) => ({ kind: 'comment_task', taskId: one(run), text: 'Hm.' })),
  aimed(1, anyTask, (one, run) => ({
    kind: 'report_ci',
    taskId: one(run),
    provider: 'ci',
    name: 'build',
    status: 'failed',
    branch: 'b',
    commit: null,
    url: null,
  })),
  aimed(
    4,
    fc.record({ at: fc.nat(3), granted: fc.nat(5).map((one) => one > 0) }),
    ({ at, granted }, run) => ({
      kind: 'decide_approval',
      approvalId: pick([...(run?.approvals.keys() ?? [])], at) ?? `${runId}.plan1`,
      granted,
      comment: '',
    }),
  ),
  {
    weight: 1,
    arbitrary: fc.nat(12).map(
      (one): AimedCommand =>
        () =>
          one === 0 ? { kind: 'cancel', reason: '' } : { kind: 'resume' },
    ),
  },
);
