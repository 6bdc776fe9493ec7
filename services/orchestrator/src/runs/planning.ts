import { addUsage, asRunId, type Problem, type RunEvent, taskIdOf } from '@partitura/shared/events';
import { isWork, type TaskDefinition } from '@partitura/shared/planning';
import type { CommandOf } from './commands.ts';
import { planHolder } from './ledger.ts';
import { phaseOf } from './routing.ts';
import { isEnded, type Run, type RunState } from './state.ts';

/** Failures of a planner or an agent that somebody can mend, whereupon the same work may go on: nobody is to blame for them. */
const mendable: ReadonlySet<string> = new Set([
  'MODEL_UNAUTHORIZED',
  'MODEL_NOT_FOUND',
  'MODEL_NOT_CONFIGURED',
  'MODEL_PRICE_UNKNOWN',
  'MODEL_UNAVAILABLE',
]);

export const isMendable = (problem: Problem): boolean => mendable.has(problem.code);

export const approvalOfPlan = (runId: string, planRevision: number): string => `${runId}.plan${planRevision}`;

/** The plan becomes what the run does; in a workflow that asks for it, only after somebody said yes to this very plan. */
export const acceptPlan = (command: CommandOf<'accept_plan'>, run: RunState): readonly RunEvent[] => {
  if (run === null || isEnded(run) || command.planRevision <= run.planRevision) return [];
  const act = run.phase ? phaseOf(run, run.phase.id)?.act : undefined;
  if (act?.kind === 'plan' && act.approval && !run.grantedPlans.has(command.plan.hash))
    return askForApproval(command, run);
  const { plan, planRevision, requirementIds, tasks } = command;
  return [
    {
      type: 'plan.accepted',
      data: { plan, planRevision, requirementIds: [...requirementIds], tasks: tasks.filter(isWork).length },
    },
    ...addTasks(run, tasks),
  ];
};

const askForApproval = (command: CommandOf<'accept_plan'>, run: Run): readonly RunEvent[] => {
  const approvalId = approvalOfPlan(run.id, command.planRevision);
  if (run.approvals.has(approvalId)) return [];
  return [
    {
      type: 'approval.requested',
      data: {
        approvalId,
        action: 'accept_plan',
        subject: run.id,
        detail: `A plan of ${command.tasks.filter(isWork).length} tasks.`,
        bindingHash: command.plan.hash,
        expiresAt: null,
      },
    },
  ];
};

/** The phase in which the plan's tasks are done: the next one that does tasks, else the plan's own. */
const phaseOfWork = (run: Run): string => {
  const { phases } = run.configuration.workflow;
  const current = phases.findIndex(({ id }) => id === run.phase?.id);
  return phases.slice(current).find(({ act }) => act.kind === 'tasks')?.id ?? run.phase?.id ?? '';
};

const addTasks = (run: Run, tasks: readonly TaskDefinition[]): readonly RunEvent[] => {
  const phase = phaseOfWork(run);
  const pathTokens = pathTokensOf(tasks);
  return tasks.map((definition) => ({
    type: 'task.added',
    data: {
      taskId: taskIdOf(asRunId(run.id), definition.key),
      phase,
      definition,
      pathTokens: pathTokens.get(definition.key) ?? definition.estimatedTokens,
      conflict: null,
    },
  }));
};

/** Estimated tokens from the start of each task to the end of the longest chain behind it. One pass, from the last task back. */
export const pathTokensOf = (tasks: readonly TaskDefinition[]): ReadonlyMap<string, number> => {
  const behind = new Map<string, number>();
  const paths = new Map<string, number>();
  for (const task of tasks.toReversed()) {
    const path = Math.max(1, task.estimatedTokens) + (behind.get(task.key) ?? 0);
    paths.set(task.key, path);
    for (const key of task.dependsOn) behind.set(key, Math.max(behind.get(key) ?? 0, path));
  }
  return paths;
};

const isCurrent = (run: Run, command: { phase: string; visit: number }): boolean =>
  run.phase?.id === command.phase &&
  run.phase.visit === command.visit &&
  !run.phase.planned &&
  !run.phase.interrupted;

export const finishPlanning = (command: CommandOf<'finish_planning'>, run: RunState): readonly RunEvent[] => {
  if (run === null || isEnded(run) || !isCurrent(run, command)) return [];
  return [{ type: 'budget.settled', data: { holder: planHolder, usage: command.usage } }];
};

export const failPlanning = (command: CommandOf<'fail_planning'>, run: RunState): readonly RunEvent[] => {
  if (run === null || isEnded(run) || !isCurrent(run, command)) return [];
  const { phase, visit, problem, usage } = command;
  if (!isMendable(problem)) {
    return [
      { type: 'budget.settled', data: { holder: planHolder, usage } },
      { type: 'run.failed', data: { problem, usage: addUsage(run.ledger.spent, usage) } },
    ];
  }
  return [
    { type: 'phase.interrupted', data: { phase, visit, problem } },
    { type: 'budget.settled', data: { holder: planHolder, usage } },
    { type: 'run.paused', data: { reason: 'model_unavailable', detail: problem.message } },
  ];
};
