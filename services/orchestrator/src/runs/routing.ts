import { asRunId, type Finding, type RunEvent, taskIdOf } from '@partitura/shared/events';
import type { TaskDefinition } from '@partitura/shared/planning';
import type { Condition, Phase } from '@partitura/shared/workflows';
import { freeOf, limitsTokensOrMoney } from './ledger.ts';
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

const mayEnter = (run: Run, phase: Phase): boolean => (run.visits.get(phase.id) ?? 0) < phase.maxVisits;

export type Destination =
  | { readonly phase: Phase }
  | { readonly end: 'completed' | 'failed' | 'stopped_budget' | 'stopped_policy' };

/** The first route that holds and may be taken; null when none does. A phase that was visited as often as it may be is passed over. */
const routeFrom = (run: Run, from: Phase): Destination | null => {
  for (const { when, to } of from.routes) {
    if (!holds(run, when)) continue;
    if ('end' in to) return to;
    const phase = phaseOf(run, to.phase);
    if (phase && mayEnter(run, phase)) return { phase };
  }
  return null;
};

/** Where the run goes from a phase that is done: by a route, or on to the next one, or to its end. */
export const destinationFrom = (run: Run, from: Phase): Destination => {
  const routed = routeFrom(run, from);
  if (routed) return routed;
  const { phases } = run.configuration.workflow;
  const next = phases[phases.indexOf(from) + 1];
  if (next && mayEnter(run, next)) return { phase: next };
  // The visits are used up, and what must not pass is still there.
  const blocked =
    run.configuration.workflow.policy.gate === 'block_critical' &&
    Number(factOf(run, 'findings.critical')) > 0;
  return { end: blocked ? 'stopped_policy' : 'completed' };
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

type Conflict = Extract<RunEvent, { type: 'task.added' }>['data']['conflict'];

export const taskAdded = (
  run: Run,
  phase: string,
  definition: TaskDefinition,
  conflict: Conflict = null,
): RunEvent => ({
  type: 'task.added',
  data: {
    taskId: taskIdOf(asRunId(run.id), definition.key),
    phase,
    definition,
    pathTokens: definition.estimatedTokens,
    conflict,
  },
});

const agentTask = (run: Run, phase: Phase, visit: number): TaskDefinition => {
  const { act } = phase;
  if (act.kind !== 'agent') throw new RangeError(`Phase ${phase.id} has no agent of its own.`);
  return {
    key: `P${run.configuration.workflow.phases.indexOf(phase) + 1}V${visit}`,
    parentKey: null,
    kind: act.taskKind,
    title: act.title,
    description: act.instructions,
    agentType: act.agentType,
    priority: 0,
    complexity: 3,
    estimatedTokens: 20_000,
    dependsOn: [],
    acceptanceCriteria: act.acceptanceCriteria,
    requirementIds: [],
  };
};

/** What a review found critical becomes work: a run that went back to its swarm with nothing to do would go in circles. */
const fixTasks = (run: Run): readonly TaskDefinition[] =>
  run.findings
    .filter(({ severity }) => severity === 'critical')
    .map((finding, index) => fixTask(finding, `F${run.tasks.size + index + 1}`));

const fixTask = (finding: Finding, key: string): TaskDefinition => ({
  key,
  parentKey: null,
  kind: 'fix',
  title: `Fix: ${finding.title}`.slice(0, 200),
  description: [
    finding.advice,
    finding.file && `In ${finding.file}${finding.line ? `, line ${finding.line}` : ''}.`,
  ]
    .filter(Boolean)
    .join('\n'),
  agentType: 'eng-backend',
  priority: 0,
  complexity: 3,
  estimatedTokens: 20_000,
  dependsOn: [],
  acceptanceCriteria: [`No longer true: ${finding.title}`],
  requirementIds: [],
});
