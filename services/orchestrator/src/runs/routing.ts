import type { RunEvent } from '@partitura/shared/events';
import { freeOf, isHeldBack, limitsTokensOrMoney } from '@partitura/shared/policies';
import type { Condition, Phase } from '@partitura/shared/workflows';
import { agentTask, fixTasks, taskAdded } from './added-tasks.ts';
import type { Run } from './state.ts';

type Fact = Extract<Condition, { fact: string }>['fact'];

/** What a route may ask of a run. */
export const factOf = (run: Run, fact: Fact): string | number | boolean => {
  switch (fact) {
    case 'budget.exceeded':
      return run.ledger.exhausted;
    case 'policy.onExceed':
      return run.configuration.budget?.onExceed ?? 'stop';
    case 'tasks.failed':
    case 'tasks.deadLettered':
      return run.deadLettered;
    case 'findings.critical':
      return run.findings.filter(({ severity }) => severity === 'critical').length;
    case 'findings.open':
      return run.findings.length;
    case 'policy.gate':
      return run.configuration.workflow.policy.gate;
    case 'phase.visits':
      return run.phase?.visit ?? 0;
    case 'plan.questions':
      return 0;
  }
};

export const holds = (run: Run, condition: Condition): boolean => {
  if ('all' in condition) return condition.all.every((one) => holds(run, one));
  if ('any' in condition) return condition.any.some((one) => holds(run, one));
  const actual = factOf(run, condition.fact);
  switch (condition.is) {
    case 'equal':
      return actual === condition.value;
    case 'notEqual':
      return actual !== condition.value;
    case 'atLeast':
      return Number(actual) >= Number(condition.value);
    case 'lessThan':
      return Number(actual) < Number(condition.value);
  }
};

export const phaseOf = (run: Run, id: string): Phase | undefined =>
  run.configuration.workflow.phases.find((phase) => phase.id === id);

/** Whether the planner is asked to do what the run's phase is for. */
export const isToBePlanned = (run: Run): boolean => {
  if (run.phase === null || run.phase.planned || run.phase.interrupted) return false;
  const act = phaseOf(run, run.phase.id)?.act.kind;
  return act === 'architecture' || act === 'plan';
};

/** A visit that somebody had to interrupt in order to mend something does not count. */
export const mayEnter = (run: Run, { id, maxVisits }: Phase): boolean =>
  (run.visits.get(id) ?? 0) - (run.interruptions.get(id) ?? 0) < maxVisits;

export type Destination =
  | { readonly phase: Phase }
  | { readonly end: 'completed' | 'failed' | 'stopped_budget' | 'stopped_policy' };

/**
 * Where a route leads from a phase that is done: the first that holds and may be taken; null when none holds. A phase that was
 * visited as often as it may be is passed over, unless what led there must not pass.
 */
export const routeFrom = (run: Run, from: Phase): Destination | null => {
  const holding = from.routes.filter(({ when }) => holds(run, when));
  for (const { to } of holding) {
    if ('end' in to) return to;
    const phase = phaseOf(run, to.phase);
    if (phase && mayEnter(run, phase)) return { phase };
  }
  return holding.length > 0 && isBlocked(run) ? { end: 'stopped_policy' } : null;
};

/** What must not pass is still there. */
const isBlocked = (run: Run): boolean => isHeldBack(run.configuration.workflow.policy.gate, run.findings);

/** Where the run goes without a route: to the next phase that may be entered, or to its end. */
export const nextFrom = (run: Run, from: Phase): Destination => {
  const { phases } = run.configuration.workflow;
  const [next, ...others] = phases.slice(phases.indexOf(from) + 1);
  if (next && mayEnter(run, next)) return { phase: next };
  // Nobody may look again at what was found.
  if (isBlocked(run)) return { end: 'stopped_policy' };
  const later = others.find((phase) => mayEnter(run, phase));
  return later ? { phase: later } : { end: 'completed' };
};

/** Entering a phase, and giving its agent something to do where it has one of its own. */
export const enterPhase = (run: Run, id: string): readonly RunEvent[] => {
  const phase = phaseOf(run, id);
  if (!phase) return [];
  const visit = (run.visits.get(id) ?? 0) + 1;
  const { budget } = run.configuration;
  const plans = phase.act.kind === 'architecture' || phase.act.kind === 'plan';
  const reservation = plans && limitsTokensOrMoney(budget) ? freeOf(run.ledger, budget) : null;
  const entered: RunEvent = {
    type: 'phase.entered',
    data: { phase: id, visit, act: phase.act.kind, reservation },
  };
  if (phase.act.kind === 'agent') return [entered, taskAdded(run, id, agentTask(run, phase, visit))];
  if (phase.act.kind === 'tasks') return [entered, ...fixTasks(run).map((task) => taskAdded(run, id, task))];
  return [entered];
};
