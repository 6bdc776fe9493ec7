import type { Amount, RunEvent } from '@partitura/shared/events';
import { freeOf, limitsTokensOrMoney, mayGiveBack, nothing } from '@partitura/shared/policies';
import { answerWaiting, exhaust, tellThresholds } from './allowances.ts';
import { scheduled } from './attempts.ts';
import type { RunCommand } from './commands.ts';
import { isOutOfTime } from './due.ts';
import { outOfTime, passTime } from './passing-time.ts';
import { acceptsPlan } from './plan-approvals.ts';
import { beginReplan, holdsScheduling, isReplanned } from './replan-requests.ts';
import { rightBlocks } from './replanning.ts';
import { type Destination, enterPhase, nextFrom, phaseOf, routeFrom } from './routing.ts';
import { isEnded, type Run, type RunState } from './state.ts';

/**
 * What follows from where a run stands, whatever brought it there: alerts, answers to those who wait for budget, tasks for
 * free agents, the end of a phase, the end of the run. One step; asked again until nothing follows.
 */
export const consequencesOfRun = (command: RunCommand, run: RunState): readonly RunEvent[] => {
  if (run === null) return [];
  if (isEnded(run)) return expireApprovals(run);
  const due = ofCommand(command, run);
  if (due.length > 0) return due;
  for (const step of [tellThresholds, answerWaiting]) {
    const events = step(run);
    if (events.length > 0) return events;
  }
  if (run.status !== 'running') return [];
  if (isOutOfTime(run, command.at)) return outOfTime(run);
  for (const step of [beginReplan, scheduleReady, leavePhase]) {
    const events = step(run, command.at);
    if (events.length > 0) return events;
  }
  return [];
};

/** What only this command can have brought about. */
const ofCommand = (command: RunCommand, run: Run): readonly RunEvent[] => {
  switch (command.kind) {
    case 'accept_plan':
      return command.change ? rightBlocks(run) : [];
    // What waits for a task that is done again is not blocked by it any more, or is now.
    case 'reject_task':
    case 'redo_attempts':
      return rightBlocks(run);
    case 'pass_time':
      return passTime(command, run);
    default:
      return [];
  }
};

/** Nobody has to answer what a run asked that is over. */
const expireApprovals = (run: Run): readonly RunEvent[] =>
  [...run.approvals.keys()].map((approvalId) => ({ type: 'approval.expired', data: { approvalId } }));

const scheduleReady = (run: Run, at: number): readonly RunEvent[] => {
  const { configuration } = run;
  if (!agentsWork(run) || holdsScheduling(run)) return [];
  const slots = (configuration.step ? 1 : configuration.maxAgents) - run.active;
  const tasks = run.ready.first(slots);
  if (tasks.length === 0) return [];
  if (configuration.step && run.stepsAllowed === 0) {
    return [
      { type: 'run.paused', data: { reason: 'step', detail: `Next: ${tasks[0]?.definition.title ?? ''}` } },
    ];
  }
  const reservation = reservationForEach(run);
  if (reservation !== 'nothing left') return tasks.map((task) => scheduled(run, task, reservation, at));
  // Who holds something may give it back; when nobody does, there will never be more.
  return mayGiveBack(run.ledger) ? [] : exhaust(run);
};

/** Tasks are there from the moment the plan is accepted; they begin in the phase that does them. */
const agentsWork = (run: Run): boolean => {
  const act = run.phase === null ? undefined : phaseOf(run, run.phase.id)?.act.kind;
  return act === 'tasks' || act === 'agent';
};

/** What an attempt may spend before it has to ask: all it likes without a limit, nothing with one. */
const reservationForEach = (run: Run): Amount | null | 'nothing left' => {
  const { budget, rehearsal } = run.configuration;
  if (!limitsTokensOrMoney(budget)) return null;
  const free = freeOf(run.ledger, budget);
  return free.tokens === 0 || (free.microUsd === 0 && !rehearsal) ? 'nothing left' : nothing;
};

const leavePhase = (run: Run): readonly RunEvent[] => {
  const first = run.configuration.workflow.phases[0];
  if (run.phase === null) return first ? enterPhase(run, first.id) : complete(run);
  const phase = phaseOf(run, run.phase.id);
  if (!phase || !isDone(run, phase.id)) return [];
  const done: RunEvent = { type: 'phase.completed', data: { phase: phase.id, visit: run.phase.visit } };
  if (phase.act.kind === 'plan' && run.configuration.planOnly) return [done, ...complete(run)];
  const routed = routeFrom(run, phase);
  // Only a route knows what else to do about work that could not be done.
  if (routed === null && run.deadLettered > 0) return deadEnd(run);
  const destination = routed ?? nextFrom(run, phase);
  return 'phase' in destination
    ? [done, ...enterPhase(run, destination.phase.id)]
    : [done, ...end(run, destination)];
};

const isDone = (run: Run, phaseId: string): boolean => {
  const act = phaseOf(run, phaseId)?.act;
  switch (act?.kind) {
    case 'architecture':
      return run.phase?.planned === true;
    case 'plan':
      return run.phase?.planned === true && run.plan !== null && !isAskedOfPlan(run);
    case 'tasks':
    case 'agent':
      // Also of phases that it came through: an operator may have taken something of theirs out of the dead letters.
      // And not before everybody has told what they spent, those at work on what was cancelled too.
      return (
        run.ledger.held.size === 0 &&
        isReplanned(run) &&
        run.opened.values().every((id) => (run.openByPhase.get(id) ?? 0) === 0)
      );
    case undefined:
      return true;
  }
};

/** Somebody has to say yes to the plan, or said it and the plan is on its way. */
const isAskedOfPlan = (run: Run): boolean =>
  run.grantedPlans.size > 0 || run.approvals.values().some(({ action }) => action === acceptsPlan);

const end = (run: Run, destination: Exclude<Destination, { phase: unknown }>): readonly RunEvent[] => {
  const usage = run.ledger.spent;
  switch (destination.end) {
    case 'completed':
      return complete(run);
    case 'failed':
      return [
        {
          type: 'run.failed',
          data: {
            problem: { code: 'WORKFLOW_ENDED_FAILED', message: 'The workflow routes to its failed end.' },
            usage,
          },
        },
      ];
    case 'stopped_budget':
      return [
        {
          type: 'run.stopped',
          data: { by: 'budget', detail: 'The workflow stops here when the budget is exceeded.', usage },
        },
      ];
    case 'stopped_policy': {
      const critical = run.findings
        .filter(({ severity }) => severity === 'critical')
        .map(({ title }) => title);
      return [
        {
          type: 'run.stopped',
          data: {
            by: 'policy',
            detail: `Still critical: ${critical.join('; ') || 'by the workflow’s rule'}`,
            usage,
          },
        },
      ];
    }
  }
};

const complete = (run: Run): readonly RunEvent[] => {
  const { configuration, commit, ledger, requirements } = run;
  const met = [...requirements.values()].filter(({ tasks, open }) => tasks > 0 && open === 0).length;
  const branch = configuration.planOnly ? null : configuration.branch;
  return [
    {
      type: 'run.completed',
      data: { branch, commit, usage: ledger.spent, requirements: requirements.size, requirementsMet: met },
    },
  ];
};

/** Nothing more can be done without somebody looking at the dead letters; a retry opens the run again. */
const deadEnd = (run: Run): readonly RunEvent[] => {
  const dead = [...run.tasks.values()]
    .filter(({ status }) => status.kind === 'dead_letter')
    .map(({ definition }) => definition.key);
  const problem = {
    code: 'TASKS_DEAD_LETTERED',
    message: `${dead.join(', ')} could not be done, nor what depends on ${dead.length === 1 ? 'it' : 'them'}.`,
  };
  return [{ type: 'run.failed', data: { problem, usage: run.ledger.spent } }];
};
