import { asRunId, type RunEvent, type TaskId, taskIdOf } from '@partitura/shared/events';
import { findCycle, isWork, type TaskDefinition } from '@partitura/shared/planning';
import { planHolder } from '@partitura/shared/policies';
import { dependantsOf, settled } from './attempts.ts';
import type { CommandOf } from './commands.ts';
import { acceptsPlan } from './plan-approvals.ts';
import { isEnded, type Run, type RunState } from './state.ts';
import type { Task } from './task.ts';

type Accept = CommandOf<'accept_plan'>;
type Change = NonNullable<Accept['change']>;

/** Whether this is what the run waits for: an older re-planning's word decides nothing. */
export const isAwaited = (run: Run, { number }: Change): boolean =>
  run.replanning !== null && !run.replanning.over && run.replanning.number === number;

/** Whether the workflow wants somebody to say yes to plans. */
export const asksForPlans = ({ configuration }: Run): boolean =>
  configuration.workflow.phases.some(({ act }) => act.kind === 'plan' && act.approval);

/**
 * The plan before becomes this one, in one decision: what is finished or handed in stays, also when it came to that while the planner
 * was at work; what was dropped is cancelled, in the middle where agents are at it; what waited for it waits for what stands in its
 * place. `added` are the events of the tasks that are new.
 */
export const changePlan = (
  { tasks, planRevision }: Accept,
  change: Change,
  run: Run,
  accepted: RunEvent,
  added: readonly RunEvent[],
): readonly RunEvent[] => {
  const { number } = change;
  const circle = findCycle(tasks.map(({ key, dependsOn }) => ({ key, dependsOn })));
  if (circle !== null) {
    const problem = { code: 'PLAN_CYCLE', message: `${circle.join(' → ')}: each waits for the next.` };
    return [{ type: 'run.replan_failed', data: { number, problem } }];
  }
  const rewired = tasks.flatMap((definition) => rewiredIn(run, definition));
  const dropped = change.dropped.flatMap((key) => run.tasks.get(taskIdOf(asRunId(run.id), key)) ?? []);
  const given = dropped.filter(({ status }) => status.kind !== 'completed' && status.kind !== 'in_review');
  const reason = 'The PRD was edited, and the plan with it.';
  return [
    accepted,
    ...added,
    ...rewired,
    ...given
      .filter(({ status }) => status.kind !== 'cancelled')
      .map(({ id }): RunEvent => ({ type: 'task.cancelled', data: { taskId: id, reason } })),
    {
      type: 'run.replanned',
      data: {
        number,
        planRevision,
        cancelled: given.map(({ id }) => id),
        added: idsOf(added),
        rewired: idsOf(rewired),
      },
    },
  ];
};

const idsOf = (events: readonly RunEvent[]): string[] =>
  events.flatMap((event) =>
    event.type === 'task.added' || event.type === 'task.rewired' ? [event.data.taskId] : [],
  );

/** Who is at work, or done, waits for nothing any more. */
const begun: ReadonlySet<Task['status']['kind']> = new Set(['active', 'in_review', 'completed', 'cancelled']);

const rewiredIn = (run: Run, { key, dependsOn }: TaskDefinition): readonly RunEvent[] => {
  const task = run.tasks.get(taskIdOf(asRunId(run.id), key));
  if (!task || begun.has(task.status.kind)) return [];
  const before = new Set(task.definition.dependsOn);
  if (before.size === dependsOn.length && dependsOn.every((on) => before.has(on))) return [];
  return [{ type: 'task.rewired', data: { taskId: task.id, dependsOn: [...dependsOn] } }];
};

/**
 * What depends on others than before may be blocked by others, or by nobody. Follows from a changed plan, when the new dependencies
 * are folded.
 */
export const rightBlocks = (run: Run): readonly RunEvent[] => {
  const blockers = new Map<TaskId, Set<string>>();
  for (const task of run.tasks.values()) {
    if (task.status.kind !== 'dead_letter' && task.status.kind !== 'cancelled') continue;
    for (const { id } of dependantsOf(run, [task])) {
      const known = blockers.get(id);
      if (known) known.add(task.id);
      else blockers.set(id, new Set([task.id]));
    }
  }
  return [...run.tasks.values()].flatMap(({ id, status }): RunEvent[] => {
    const by = blockers.get(id);
    const [first] = by ?? [];
    if (status.kind === 'blocked' && first === undefined)
      return [{ type: 'task.unblocked', data: { taskId: id } }];
    const isWrong = status.kind === 'blocked' && !by?.has(status.by);
    const isFree = status.kind === 'waiting' || status.kind === 'ready';
    return first !== undefined && (isFree || isWrong)
      ? [{ type: 'task.blocked', data: { taskId: id, by: first } }]
      : [];
  });
};

/** The planner is done with a re-planning. One that proposed nothing that the run waits for has come to nothing. */
export const finishReplan = (
  { visit, usage }: CommandOf<'finish_planning'>,
  run: RunState,
): readonly RunEvent[] => {
  if (run?.replanning?.number !== visit) return [];
  const over = settled(run, planHolder, usage);
  const isAsked =
    run.grantedPlans.size > 0 || run.approvals.values().some(({ action }) => action === acceptsPlan);
  if (over.length === 0 || run.replanning.over || isAsked || isEnded(run)) return over;
  const problem = { code: 'NOTHING_PROPOSED', message: 'The planner ended without a plan.' };
  return [{ type: 'run.replan_failed', data: { number: visit, problem } }, ...over];
};

/** The run has a plan to go on with; somebody may ask again when what is wrong is mended. */
export const failReplan = (
  { visit, usage, problem }: CommandOf<'fail_planning'>,
  run: RunState,
): readonly RunEvent[] => {
  if (run?.replanning?.number !== visit) return [];
  const over = settled(run, planHolder, usage);
  if (over.length === 0 || run.replanning.over || isEnded(run)) return over;
  return [{ type: 'run.replan_failed', data: { number: visit, problem } }, ...over];
};

/** Of tasks that are new: the phase in which agents do the plan's tasks, the one at hand if it is that. */
export const phaseOfChange = (run: Run): string => {
  const doing = run.configuration.workflow.phases.filter(({ act }) => act.kind === 'tasks');
  const opened = doing.filter(({ id }) => run.opened.has(id));
  const at = doing.find(({ id }) => id === run.phase?.id) ?? opened.at(-1) ?? doing.at(-1);
  return at?.id ?? run.phase?.id ?? '';
};

export const workIn = (tasks: readonly TaskDefinition[]): number => tasks.filter(isWork).length;
