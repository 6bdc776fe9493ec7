import { addUsage, asRunId, type RunEvent, taskIdOf } from '@partitura/shared/events';
import { isWork, replanPhase, type TaskDefinition } from '@partitura/shared/planning';
import { isMendable, planHolder } from '@partitura/shared/policies';
import { settled } from './attempts.ts';
import type { CommandOf } from './commands.ts';
import { acceptsPlan, approvalOfPlan } from './plan-approvals.ts';
import {
  asksForPlans,
  changePlan,
  failReplan,
  finishReplan,
  isAwaited,
  phaseOfChange,
} from './replanning.ts';
import { mayEnter, phaseOf } from './routing.ts';
import { isEnded, type Run, type RunState } from './state.ts';

/** The plan becomes what the run does; in a workflow that asks for it, only after somebody said yes to this very plan. */
export const acceptPlan = (command: CommandOf<'accept_plan'>, run: RunState): readonly RunEvent[] => {
  if (run === null || isEnded(run) || command.planRevision <= run.planRevision) return [];
  const { change } = command;
  const act = run.phase ? phaseOf(run, run.phase.id)?.act : undefined;
  if (change ? !isAwaited(run, change) : act?.kind !== 'plan') return [];
  const asks = change ? asksForPlans(run) : act?.kind === 'plan' && act.approval;
  if (asks && !run.grantedPlans.has(command.plan.hash)) return askForApproval(command, run);
  const { plan, planRevision, requirementIds, tasks } = command;
  const accepted: RunEvent = {
    type: 'plan.accepted',
    data: { plan, planRevision, requirementIds: [...requirementIds], tasks: tasks.filter(isWork).length },
  };
  return change
    ? changePlan(command, change, run, accepted, addTasks(run, tasks, phaseOfChange(run)))
    : [accepted, ...addTasks(run, tasks, phaseOfWork(run))];
};

/** Of each revision once. What was asked of an earlier one is of no interest any more, and a yes to it would be to something else. */
const askForApproval = (command: CommandOf<'accept_plan'>, run: Run): readonly RunEvent[] => {
  if (command.planRevision <= run.askedRevision) return [];
  const outdated = [...run.approvals].filter(([, { action }]) => action === acceptsPlan);
  return [
    ...outdated.map(([approvalId]): RunEvent => ({ type: 'approval.expired', data: { approvalId } })),
    {
      type: 'approval.requested',
      data: {
        approvalId: approvalOfPlan(run.id, command.planRevision),
        action: acceptsPlan,
        subject: run.id,
        detail: `A plan of ${command.tasks.filter(isWork).length} tasks.`,
        bindingHash: command.plan.hash,
        expiresAt: null,
      },
    },
  ];
};

/** The phase in which the plan's tasks are done: the next one that does tasks and may be entered, else the plan's own. */
const phaseOfWork = (run: Run): string => {
  const { phases } = run.configuration.workflow;
  const after = phases.slice(phases.findIndex(({ id }) => id === run.phase?.id));
  return after.find((phase) => phase.act.kind === 'tasks' && mayEnter(run, phase))?.id ?? run.phase?.id ?? '';
};

/** A later plan names tasks of an earlier one as they were named: those stay as they are, and finished work stays finished. */
const addTasks = (run: Run, tasks: readonly TaskDefinition[], phase: string): readonly RunEvent[] => {
  const pathTokens = pathTokensOf(tasks);
  const fresh = tasks.filter(({ key }) => {
    const id = taskIdOf(asRunId(run.id), key);
    return !run.tasks.has(id) && !run.groups.has(id);
  });
  const added = fresh.map((definition): RunEvent => {
    const taskId = taskIdOf(asRunId(run.id), definition.key);
    const tokens = pathTokens.get(definition.key) ?? definition.estimatedTokens;
    return { type: 'task.added', data: { taskId, phase, definition, pathTokens: tokens, conflict: null } };
  });
  return [...added, ...blockedFromTheStart(run, fresh)];
};

/** What depends on a task that will not be done for now cannot begin, however it is added. */
const blockedFromTheStart = (run: Run, tasks: readonly TaskDefinition[]): readonly RunEvent[] => {
  const blockers = new Map<string, string>();
  return tasks.filter(isWork).flatMap(({ key, dependsOn }): RunEvent[] => {
    const by = dependsOn.map((on) => blockers.get(on) ?? blockerIn(run, on)).find((id) => id !== undefined);
    if (by === undefined) return [];
    blockers.set(key, by);
    return [{ type: 'task.blocked', data: { taskId: taskIdOf(asRunId(run.id), key), by } }];
  });
};

const blockerIn = (run: Run, key: string): string | undefined => {
  const task = run.tasks.get(taskIdOf(asRunId(run.id), key));
  switch (task?.status.kind) {
    case 'blocked':
      return task.status.by;
    case 'dead_letter':
    case 'cancelled':
      return task.id;
    default:
      return undefined;
  }
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

type OfVisit = { readonly phase: string; readonly visit: number };

const isVisit = (run: Run, { phase, visit }: OfVisit): boolean =>
  run.phase?.id === phase && run.phase.visit === visit;

/** The planner is done with a phase. Of one that the run has left it is only of interest what it cost. */
export const finishPlanning = (command: CommandOf<'finish_planning'>, run: RunState): readonly RunEvent[] => {
  if (command.phase === replanPhase) return finishReplan(command, run);
  return run !== null && isVisit(run, command) ? settled(run, planHolder, command.usage) : [];
};

export const failPlanning = (command: CommandOf<'fail_planning'>, run: RunState): readonly RunEvent[] => {
  if (command.phase === replanPhase) return failReplan(command, run);
  if (run === null || !isVisit(run, command)) return [];
  const { phase, visit, problem, usage } = command;
  const over = settled(run, planHolder, usage);
  if (over.length === 0 || isEnded(run)) return over;
  if (!isMendable(problem))
    return [...over, { type: 'run.failed', data: { problem, usage: addUsage(run.ledger.spent, usage) } }];
  const interrupted: RunEvent = { type: 'phase.interrupted', data: { phase, visit, problem } };
  if (run.status === 'paused') return [interrupted, ...over];
  const detail = problem.message;
  return [interrupted, ...over, { type: 'run.paused', data: { reason: 'model_unavailable', detail } }];
};
