import {
  asTaskId,
  type EventMetadata,
  type Ownership,
  ownershipIn,
  type RunEvent,
} from '@partitura/shared/events';
import { createLedger, hold, nothing, planHolder, settle } from '@partitura/shared/policies';
import { checksGate } from './checks.ts';
import type { RunEventData } from './event-data.ts';
import { fork } from './forked.ts';
import { acceptsPlan, revisionOfApproval } from './plan-approvals.ts';
import { createReadySet } from './ready-set.ts';
import { reject } from './rejecting.ts';
import { endReplan, settleReplan } from './replan-progress.ts';
import type { Run, RunState } from './state.ts';
import {
  addTask,
  become,
  cancel,
  complete,
  drop,
  failAttempt,
  open,
  rewire,
  schedule,
  setRequirements,
  settleAttempt,
  submit,
  withAttempt,
  withTask,
} from './task-changes.ts';
import { createTimers } from './timers.ts';

type Data<Type extends keyof RunEventData> = RunEventData[Type];
type Reducers = { readonly [Type in keyof RunEventData]: (run: Run, data: RunEventData[Type]) => void };
type EventOfType<Type extends keyof RunEventData> = {
  [One in Type]: { readonly type: One; readonly data: RunEventData[One] };
}[Type];

/** What a run's stream says, event by event. Changes the state it is given. */
export const evolveRun = (state: RunState, event: RunEvent, metadata: EventMetadata): RunState => {
  if (event.type === 'run.created') return begin(event.data, ownershipIn(metadata));
  if (state !== null) apply(state, event);
  return state;
};

const apply = <Type extends keyof RunEventData>(run: Run, event: EventOfType<Type>): void => {
  const reduce: Reducers[Type] = reducers[event.type];
  reduce(run, event.data);
};

const begin = (data: Data<'run.created'>, owner: Ownership): Run => ({
  id: data.runId,
  owner,
  projectId: data.projectId,
  configuration: data.configuration,
  status: 'running',
  failure: null,
  phase: null,
  visits: new Map(),
  interruptions: new Map(),
  plan: null,
  prd: data.configuration.prd,
  replans: 0,
  wanted: null,
  replanning: null,
  planRevision: 0,
  requirements: new Map(),
  tasks: new Map(),
  groups: new Set(),
  opened: new Set(),
  ready: createReadySet(),
  timers: createTimers(),
  wallDeadlineAt: null,
  ledger: createLedger(),
  active: 0,
  openByPhase: new Map(),
  deadLettered: 0,
  commit: null,
  findings: [],
  approvals: new Map(),
  askedRevision: 0,
  grantedPlans: new Set(),
  stepsAllowed: 0,
});

const enterPhase = (run: Run, data: Data<'phase.entered'>): void => {
  run.phase = { id: data.phase, visit: data.visit, planned: false, interrupted: false };
  run.visits.set(data.phase, data.visit);
  // What a review found counts until the next one looks.
  if (data.act === 'agent') run.findings = [];
  if (data.act === 'agent' || data.act === 'tasks') open(run, data.phase);
  else hold(run.ledger, planHolder, data.reservation ?? nothing);
};

const answer = (run: Run, requestId: string): void => {
  run.ledger.answered.add(requestId);
  const at = run.ledger.waiting.findIndex((request) => request.requestId === requestId);
  if (at >= 0) run.ledger.waiting.splice(at, 1);
};

const requestApproval = (run: Run, data: Data<'approval.requested'>): void => {
  const expiresAt = data.expiresAt === null ? null : Date.parse(data.expiresAt);
  if (data.action === acceptsPlan) run.askedRevision = revisionOfApproval(data.approvalId);
  run.approvals.set(data.approvalId, {
    action: data.action,
    subject: data.subject,
    bindingHash: data.bindingHash,
    expiresAt,
  });
  if (expiresAt !== null) run.timers.add({ kind: 'approval', at: expiresAt, approvalId: data.approvalId });
};

const grantPlan = (run: Run, approvalId: string): void => {
  const approval = run.approvals.get(approvalId);
  if (approval?.action === acceptsPlan) run.grantedPlans.add(approval.bindingHash);
};

/** Said for people and other services; deciding takes nothing from it. */
const says = (): void => undefined;

const reopen = (run: Run): void => {
  run.status = 'running';
  run.failure = null;
  run.ledger.exhausted = false;
  run.stepsAllowed = 1;
};

/** Open: what was blocked, backed off or dead waits for its dependencies again, and is ready when there are none. */
const reconsider = (run: Run, { taskId }: { readonly taskId: string }): void =>
  withTask(run, taskId, (task) => become(run, task, { kind: 'waiting' }));

const reducers: Reducers = {
  'run.created': says,
  'run.forked': fork,
  'run.started': (run, { wallDeadlineAt }) => {
    run.wallDeadlineAt = wallDeadlineAt === null ? null : Date.parse(wallDeadlineAt);
  },
  'run.paused': (run) => {
    run.status = 'paused';
  },
  'run.resumed': reopen,
  'run.completed': (run) => {
    run.status = 'completed';
  },
  'run.failed': (run, { problem }) => {
    run.status = 'failed';
    run.failure = problem;
  },
  'run.cancelled': (run) => {
    run.status = 'cancelled';
  },
  'run.stopped': (run, { by }) => {
    run.status = by === 'budget' ? 'stopped_budget' : 'stopped_policy';
  },
  'phase.entered': enterPhase,
  'phase.interrupted': (run, { phase }) => {
    run.interruptions.set(phase, (run.interruptions.get(phase) ?? 0) + 1);
    if (run.phase) run.phase.interrupted = true;
  },
  'phase.completed': says,
  'plan.accepted': (run, { plan, planRevision, requirementIds }) => {
    run.plan = plan;
    run.planRevision = planRevision;
    run.grantedPlans.clear();
    setRequirements(run, requirementIds);
  },
  'run.replan_requested': (run, { number, prd, prdRevision }) => {
    run.replans = number;
    run.wanted = { number, prd, prdRevision };
  },
  'run.replan_started': (run, { number, prd, prdRevision, reservation }) => {
    run.wanted = null;
    run.replanning = { number, prd, prdRevision, settled: false, over: false };
    hold(run.ledger, planHolder, reservation ?? nothing);
  },
  'run.replanned': (run, { cancelled }) => {
    run.prd = run.replanning?.prd ?? run.prd;
    for (const taskId of cancelled) withTask(run, taskId, (task) => drop(run, task));
    endReplan(run);
  },
  'run.replan_failed': endReplan,
  'task.added': addTask,
  'task.rewired': rewire,
  'task.scheduled': schedule,
  'task.started': (run, { attemptId, at }) =>
    withAttempt(run, attemptId, (task) => {
      if (task.status.kind === 'active') task.status.attempt.startedAt = Date.parse(at);
    }),
  'task.submitted': submit,
  'task.completed': complete,
  'task.attempt_failed': failAttempt,
  'task.due': reconsider,
  'task.failed': (run, { attemptId, usage }) => settleAttempt(run, attemptId, usage),
  'task.dead_lettered': (run, { taskId, problem }) =>
    withTask(run, taskId, (task) => {
      const work = task.status.kind === 'in_review' ? task.status.work : null;
      become(run, task, { kind: 'dead_letter', problem, work });
    }),
  'task.blocked': (run, { taskId, by }) =>
    withTask(run, taskId, (task) => become(run, task, { kind: 'blocked', by: asTaskId(by) })),
  'task.unblocked': reconsider,
  'task.cancelled': (run, { taskId }) => withTask(run, taskId, (task) => cancel(run, task)),
  'task.retried': (run, { taskId, model }) => {
    withTask(run, taskId, (task) => {
      task.failures = 0;
      task.model = model ?? task.model;
    });
    reconsider(run, { taskId });
  },
  'task.rejected': reject,
  'task.approved': says,
  'task.commented': says,
  'task.checks_requested': (run, { taskId, requestId }) =>
    withTask(run, taskId, (task) => {
      task.checking = requestId;
    }),
  'task.message_sent': says,
  'task.interrupted': says,
  'budget.requested': (run, request) => {
    run.ledger.waiting.push(request);
  },
  'budget.reserved': (run, { holder, amount, requestId }) => {
    hold(run.ledger, holder, amount);
    answer(run, requestId);
  },
  'budget.denied': (run, { requestId }) => answer(run, requestId),
  'budget.settled': (run, { holder, usage }) => {
    settle(run.ledger, holder, usage);
    if (holder !== planHolder) return;
    if (run.replanning) settleReplan(run);
    else if (run.phase && !run.phase.interrupted) run.phase.planned = true;
  },
  'budget.threshold_reached': (run, { limit, threshold }) => {
    run.ledger.told.add(`${limit}:${threshold}`);
  },
  'budget.exhausted': (run) => {
    run.ledger.exhausted = true;
  },
  'approval.requested': requestApproval,
  'approval.granted': (run, { approvalId }) => {
    grantPlan(run, approvalId);
    run.approvals.delete(approvalId);
  },
  'approval.denied': (run, { approvalId }) => {
    run.approvals.delete(approvalId);
  },
  'approval.expired': (run, { approvalId }) => {
    run.approvals.delete(approvalId);
  },
  'ci.reported': says,
  'gate.evaluated': (run, { gate, subject }) => {
    if (gate === checksGate)
      withTask(run, subject, (task) => {
        task.checking = null;
      });
  },
};
