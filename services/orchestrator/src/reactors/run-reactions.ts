import { asProjectId, asRunId, streamName, tokensOf, type Usage } from '@partitura/shared/events';
import { phaseOf } from '../runs/routing.ts';
import type { Run } from '../runs/state.ts';
import { causedBy } from './context.ts';
import { enqueueAttempts, enqueueOutstanding, enqueuePlanning } from './outstanding.ts';
import { proposeLatestPlan } from './plan-reactions.ts';
import type { Happened, ReactionDependencies, Reactions } from './reaction.ts';

const runOf = async (
  event: { readonly stream: string },
  { runs }: ReactionDependencies,
): Promise<Run | null> => (await runs.read(runIdOf(event))).state;

const runIdOf = ({ stream }: { readonly stream: string }): string => stream.slice('run-'.length);

type Ending = 'run.completed' | 'run.failed' | 'run.cancelled' | 'run.stopped';

const settle = async (
  event: Happened<Ending>,
  dependencies: ReactionDependencies,
  usage: Usage,
  completed: { branch: string | null; commit: string | null } | null,
): Promise<void> => {
  // A run that is over is not in memory any more, and a long one takes its time to read only for this.
  const projectId = event.metadata.projectId ?? (await runOf(event, dependencies))?.projectId;
  if (projectId === undefined) return;
  const spent = { tokens: tokensOf(usage), microUsd: usage.costMicroUsd };
  await dependencies.projects.handle(streamName('project', projectId), {
    ...causedBy(event),
    at: dependencies.clock.now(),
    command: {
      kind: 'settle_run',
      runId: runIdOf(event),
      status: event.type.slice('run.'.length),
      spent,
      completed,
    },
  });
};

/** From the project's wish to the run, from the run to the queues and back to the project. */
export const runReactions: Reactions<
  'project.run_requested' | 'phase.entered' | 'task.scheduled' | 'run.resumed' | 'approval.granted' | Ending
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
    if (act === 'architecture' || act === 'plan')
      await enqueuePlanning(dependencies.queue, run.id, phase, visit);
    await dependencies.projects.handle(streamName('project', run.projectId), {
      ...causedBy(event),
      at: dependencies.clock.now(),
      command: { kind: 'note_phase', runId: run.id, phase, title: phaseOf(run, phase)?.title ?? phase },
    });
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
  'run.completed': (event, dependencies) =>
    settle(event, dependencies, event.data.usage, { branch: event.data.branch, commit: event.data.commit }),
  'run.failed': (event, dependencies) => settle(event, dependencies, event.data.usage, null),
  'run.cancelled': (event, dependencies) => settle(event, dependencies, event.data.usage, null),
  'run.stopped': (event, dependencies) => settle(event, dependencies, event.data.usage, null),
};
