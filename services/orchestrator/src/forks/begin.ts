import { asRunId, noUsage, type RunEvent, type TaskId, taskIdOf } from '@partitura/shared/events';
import { type Decider, decideFully } from '@partitura/shared/processing';
import { consequencesOfRun } from '../runs/consequences.ts';
import { runDecider } from '../runs/decider.ts';
import { rightBlocks } from '../runs/replanning.ts';
import { enterPhase } from '../runs/routing.ts';
import type { Run, RunState } from '../runs/state.ts';
import type { Task } from '../runs/task.ts';

export interface BeginFork {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly dropped: readonly string[];
  /** Attempts that the run counts on and whose agents have ended without a result. */
  readonly over: ReadonlySet<string>;
}

/** What a fork does first, in the state that its past led to. */
const begin = (command: BeginFork, run: RunState): readonly RunEvent[] => {
  if (run === null) return [];
  const { budget } = run.configuration;
  const wallDeadlineAt =
    budget === null || budget.wallMs === null ? null : new Date(command.at + budget.wallMs).toISOString();
  return [
    { type: 'run.started', data: { wallDeadlineAt } },
    // The planner had given up: it is asked again.
    ...(run.phase?.interrupted ? enterPhase(run, run.phase.id) : []),
    ...abandoned(command, run),
    ...drop(command.dropped, run),
  ];
};

/** Nobody is at it any more, and nobody will say so: another attempt is made. */
const abandoned = ({ at, over, dropped }: BeginFork, run: Run): readonly RunEvent[] =>
  [...run.tasks.values()].flatMap(({ id, status }): RunEvent[] => {
    if (status.kind !== 'active' || dropped.includes(id)) return [];
    const { attempt } = status;
    if (run.ledger.held.has(attempt.id) && !over.has(attempt.id)) return [];
    const problem = { code: 'ATTEMPT_ENDED', message: 'Its agent had been stopped when the run was forked.' };
    const usage = run.ledger.prepaid.get(attempt.id) ?? noUsage;
    const retryAt = new Date(at).toISOString();
    return [
      {
        type: 'task.attempt_failed',
        data: { taskId: id, attemptId: attempt.id, problem, usage, retryAt, counts: false },
      },
    ];
  });

/** As if it had never been planned: what waited for it waits for what it had waited for. */
const drop = (dropped: readonly string[], run: Run): readonly RunEvent[] => {
  const gone = new Set(dropped);
  const tasks = [...run.tasks.values()];
  const isGone = (key: string): boolean => gone.has(taskIdOf(asRunId(run.id), key));
  const instead = (key: string): readonly string[] => {
    const task = run.tasks.get(taskIdOf(asRunId(run.id), key));
    return isGone(key) && task ? task.definition.dependsOn.flatMap(instead) : [key];
  };
  const rewired = tasks
    .filter(({ id, definition }) => !gone.has(id) && definition.dependsOn.some(isGone))
    .map((task): RunEvent => {
      const dependsOn = [...new Set(task.definition.dependsOn.flatMap(instead))];
      return { type: 'task.rewired', data: { taskId: task.id, dependsOn } };
    });
  return [...rewired, ...tasks.filter(({ id }) => gone.has(id)).flatMap((task) => cancelled(task, run))];
};

const cancelled = ({ id, status }: Task, run: Run): readonly RunEvent[] => {
  const holder = status.kind === 'active' ? status.attempt.id : null;
  const usage = holder === null ? undefined : run.ledger.prepaid.get(holder);
  return [
    { type: 'task.cancelled', data: { taskId: id satisfies TaskId, reason: 'Dropped from this fork.' } },
    ...(holder !== null && run.ledger.held.has(holder)
      ? [{ type: 'budget.settled' as const, data: { holder, usage: usage ?? noUsage } }]
      : []),
  ];
};

/** A run's decider, told for once something that only a fork is told. */
const forkDecider: Decider<RunState, BeginFork, RunEvent> = {
  ...runDecider,
  decide: begin,
  consequences: (command, run) => {
    const righted = run === null || command.dropped.length === 0 ? [] : rightBlocks(run);
    return righted.length > 0 ? righted : consequencesOfRun({ kind: 'pass_time', at: command.at }, run);
  },
};

/** All that follows from a fork's past: consumes the state. */
export const decideFork = (
  command: BeginFork,
  state: RunState,
  metadata: Parameters<typeof decideFully>[3],
): readonly RunEvent[] => decideFully(forkDecider, command, state, metadata).events;
