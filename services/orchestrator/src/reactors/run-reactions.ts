import { asProjectId, asRunId, streamName, tokensOf } from '@partitura/shared/events';
import type { ProjectCommand } from '../projects/decider.ts';
import { atMost } from '../runs/ledger.ts';
import { phaseOf } from '../runs/routing.ts';
import { isEnded, type Run } from '../runs/state.ts';
import { causedBy } from './context.ts';
import { enqueueAttempts, enqueueOutstanding, enqueuePlanning } from './outstanding.ts';
import { proposeLatestPlan } from './plan-reactions.ts';
import type { Happened, ReactionDependencies, Reactions } from './reaction.ts';

const runOf = async (
  event: { readonly stream: string },
  { runs }: ReactionDependencies,
): Promise<Run | null> => (await runs.read(runIdOf(event))).state;

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

/** A run that completed holds nothing any more, and a long one takes its time to read only for this. */
const settleCompleted = async (
  event: Happened<'run.completed'>,
  dependencies: ReactionDependencies,
): Promise<void> => {
  const projectId = event.metadata.projectId ?? (await runOf(event, dependencies))?.projectId;
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
  const run = await runOf(event, dependencies);
  if (run === null || !isEnded(run) || run.status === 'completed') return;
  const held = atMost(run.ledger.reserved, run.configuration.budget);
  const spent = {
    tokens: tokensOf(run.ledger.spent) + held.tokens,
    microUsd: run.ledger.spent.costMicroUsd + held.microUsd,
  };
  await settle(event, run.projectId, { status: run.status, spent, completed: null }, dependencies);
};

type Ending = 'run.completed' | 'run.failed' | 'run.cancelled' | 'run.stopped';

/** From the project's wish to the run, from the run to the queues and back to the project. */
export const runReactions: Reactions<
  | 'project.run_requested'
  | 'phase.entered'
  | 'task.scheduled'
  | 'run.resumed'
  | 'approval.granted'
  | 'budget.settled'
  | Ending
> = {
  'project.run_requested': async (event, { runs }) => {
    const { runId, configuration } = event.data;
    const { metadata, commandId } = causedBy(event);
    const projectId = event.stream.slice('project-'.length);
    await runs.handle(
      runId,
      { kind: 'start', runId, projectId, configuration },
      { commandId, metadata: { ...metadata, projectId: asProjectId(projectId), runId: asRunId(runId) } },
    );
  },
  'phase.entered': async (event, dependencies) => {
    const run = await runOf(event, dependencies);
    if (run === null) return;
    const { phase, visit, act } = event.data;
    // First, so that phases that are heard of together are noted in their order.
    const noted = dependencies.projects.handle(streamName('project', run.projectId), {
      ...causedBy(event),
      at: dependencies.clock.now(),
      command: { kind: 'note_phase', runId: run.id, phase, title: phaseOf(run, phase)?.title ?? phase },
    });
    const plans = act === 'architecture' || act === 'plan';
    await Promise.all([noted, plans && enqueuePlanning(dependencies.queue, run.id, phase, visit)]);
  },
  'task.scheduled': (event, { queue }) => enqueueAttempts(queue, runIdOf(event), [event.data]),
  'run.resumed': async (event, dependencies) => {
    const run = await runOf(event, dependencies);
    if (run !== null) await enqueueOutstanding(dependencies.queue, run);
  },
  'approval.granted': async (event, dependencies) => {
    const run = await runOf(event, dependencies);
    if (run !== null) await proposeLatestPlan(run.id, causedBy(event), dependencies);
  },
  'run.completed': settleCompleted,
  'run.failed': settleEnded,
  'run.cancelled': settleEnded,
  'run.stopped': settleEnded,
  'budget.settled': settleEnded,
};
