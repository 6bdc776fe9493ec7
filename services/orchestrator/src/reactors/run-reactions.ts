import { asProjectId, asRunId, streamName, tokensOf } from '@partitura/shared/events';
import { replanPhase } from '@partitura/shared/planning';
import { spentAtMost } from '@partitura/shared/policies';
import { appendFork } from '../forks/append-fork.ts';
import type { ProjectCommand } from '../projects/decider.ts';
import type { RunOver } from '../runs/over.ts';
import { isToBePlanned, phaseOf } from '../runs/routing.ts';
import { isEnded, type Run } from '../runs/state.ts';
import { offerAttempts } from './attempt-offers.ts';
import { causedBy } from './context.ts';
import { enqueueOutstanding, enqueuePlanning } from './outstanding.ts';
import { proposeLatestPlan } from './plan-reactions.ts';
import type { Happened, ReactionDependencies, Reactions } from './reaction.ts';

/** The run as it was when the event was appended, or later. */
const runOf = async (
  event: { readonly stream: string; readonly revision: number },
  { runs }: ReactionDependencies,
): Promise<Run | null> => (await runs.read(runIdOf(event), { atLeast: event.revision })).state;

const runIdOf = ({ stream }: { readonly stream: string }): string => stream.slice('run-'.length);

type Settlement = Omit<Extract<ProjectCommand, { kind: 'settle_run' }>, 'kind' | 'runId'>;

const settle = async (
  event: Happened<Ending | 'budget.settled'>,
  projectId: string,
  settlement: Settlement,
  { projects, clock }: ReactionDependencies,
): Promise<void> => {
  await projects.handle(streamName('project', projectId), {
    ...causedBy(event),
    at: clock.now(),
    command: { kind: 'settle_run', runId: runIdOf(event), ...settlement },
  });
};

/**
 * A run that completed holds nothing any more, and a long one takes its time to read only for this. An old word of one that was
 * opened again since settles nothing.
 */
const settleCompleted = async (
  event: Happened<'run.completed'>,
  dependencies: ReactionDependencies,
): Promise<void> => {
  const over = await dependencies.runs.findOver(runIdOf(event));
  const run = over ? null : await runOf(event, dependencies);
  if (run !== null && !isEnded(run)) return;
  const projectId = event.metadata.projectId ?? over?.projectId ?? run?.projectId;
  if (projectId === undefined) return;
  const { branch, commit, usage } = event.data;
  const spent = { tokens: tokensOf(usage), microUsd: usage.costMicroUsd };
  await settle(event, projectId, { status: 'completed', spent, completed: { branch, commit } }, dependencies);
};

/**
 * A run that was ended in the middle: what its agents hold counts as spent until they have told what they did spend. One that goes on
 * again since is not settled.
 */
const settleEnded = async (
  event: Happened<Exclude<Ending, 'run.completed'> | 'budget.settled'>,
  dependencies: ReactionDependencies,
): Promise<void> => {
  const ended = await endedRun(event, dependencies);
  if (ended === null || ended.status === 'completed') return;
  const { projectId, status, spent } = ended;
  await settle(event, projectId, { status, spent, completed: null }, dependencies);
};

const endedRun = async (
  event: Happened<Exclude<Ending, 'run.completed'> | 'budget.settled'>,
  dependencies: ReactionDependencies,
): Promise<Pick<RunOver, 'projectId' | 'status' | 'spent'> | null> => {
  const over = await dependencies.runs.findOver(runIdOf(event));
  if (over) return over;
  const run = await runOf(event, dependencies);
  return run !== null && isEnded(run)
    ? { projectId: run.projectId, status: run.status, spent: spentAtMost(run) }
    : null;
};

const enterPhase = async (event: Happened<'phase.entered'>, dependencies: ReactionDependencies) => {
  const { phase, visit } = event.data;
  const over = await dependencies.runs.findOver(runIdOf(event));
  const run = over ? null : await runOf(event, dependencies);
  const projectId = over?.projectId ?? run?.projectId;
  if (projectId === undefined) return;
  const title = over ? over.titles.get(phase) : run && phaseOf(run, phase)?.title;
  const isAsked = run?.phase?.id === phase && run.phase.visit === visit && isToBePlanned(run);
  // First, so that phases that are heard of together are noted in their order.
  const noted = dependencies.projects.handle(streamName('project', projectId), {
    ...causedBy(event),
    at: dependencies.clock.now(),
    command: { kind: 'note_phase', runId: runIdOf(event), phase, title: title ?? phase },
  });
  await Promise.all([noted, isAsked && enqueuePlanning(dependencies.queue, run.id, phase, visit)]);
};

type Ending = 'run.completed' | 'run.failed' | 'run.cancelled' | 'run.stopped';

/** Done again it starts nothing again: whoever finds a request that nobody answered may call it. */
export const startRequested = async (
  event: Happened<'project.run_requested'>,
  { runs, store, clock }: Pick<ReactionDependencies, 'runs' | 'store' | 'clock'>,
): Promise<void> => {
  const { runId, configuration, fork } = event.data;
  const { metadata, commandId } = causedBy(event);
  const projectId = event.stream.slice('project-'.length);
  if (fork)
    return appendFork({ store, clock }, { runId, projectId, configuration, fork }, { commandId, metadata });
  await runs.handle(
    runId,
    { kind: 'start', runId, projectId, configuration },
    { commandId, metadata: { ...metadata, projectId: asProjectId(projectId), runId: asRunId(runId) } },
  );
};

/** From the project's wish to the run, from the run to the queues and back to the project. */
export const runReactions: Reactions<
  | 'project.run_requested'
  | 'phase.entered'
  | 'run.replan_started'
  | 'task.scheduled'
  | 'run.resumed'
  | 'approval.granted'
  | 'budget.settled'
  | Ending
> = {
  'project.run_requested': startRequested,
  'phase.entered': enterPhase,
  'run.replan_started': async (event, dependencies) => {
    const run = await runOf(event, dependencies);
    const { number } = event.data;
    if (run?.replanning?.number !== number || run.replanning.settled) return;
    await enqueuePlanning(dependencies.queue, run.id, replanPhase, number);
  },
  'task.scheduled': (event, dependencies) => offerAttempts(runIdOf(event), [event], dependencies),
  'run.resumed': async (event, dependencies) => {
    const run = await runOf(event, dependencies);
    if (run !== null) await enqueueOutstanding(dependencies.queue, run);
  },
  'approval.granted': async (event, dependencies) => {
    const run = await runOf(event, dependencies);
    // Accepted since, or overtaken by another plan.
    if (run === null || run.grantedPlans.size === 0) return;
    await proposeLatestPlan(run.id, causedBy(event), dependencies);
  },
  'run.completed': settleCompleted,
  'run.failed': settleEnded,
  'run.cancelled': settleEnded,
  'run.stopped': settleEnded,
  'budget.settled': settleEnded,
};
