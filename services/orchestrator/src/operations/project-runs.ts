import {
  isFact,
  type Position,
  type RecordedAs,
  type RecordedEvent,
  streamName,
} from '@partitura/shared/events';
import type { CallContext, OperationHandlers } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { OrchestratorDependencies } from '../dependencies.ts';
import type { Project } from '../projects/state.ts';
import { startRequested } from '../reactors/run-reactions.ts';
import type { RunHandler, UntimedRunCommand } from '../runs/run-handler.ts';
import { isEnded } from '../runs/state.ts';
import { causeOf } from './cause.ts';
import { type Projects, presentProject } from './project-changes.ts';

type OfAllRuns = Pick<OperationHandlers, 'pauseProject' | 'resumeProject' | 'cancelProject'>;

/**
 * What operators tell all runs of a project that have not ended. Each run decides for itself, in its own stream, under a command id
 * made from this one's: told again, after a crash in the middle, those that were told before say nothing new.
 */
export const projectRuns = (
  { store, clock }: Pick<OrchestratorDependencies, 'store' | 'clock'>,
  projects: Projects,
  runs: RunHandler,
): OfAllRuns => {
  /** Asked for and not started: the process that asked ended in between. Started here, it can be told as well. */
  const startLost = async (project: Project, runId: string): Promise<void> => {
    const stream = streamName('project', project.id);
    for await (const page of store.readStream(stream, { direction: 'backwards' })) {
      const asked = page.find((event) => isRequestOf(event, runId));
      if (asked) return startRequested(asked, { runs, store, clock });
    }
  };

  const tell = async (
    project: Project,
    runId: string,
    command: UntimedRunCommand,
    context: CallContext,
  ): Promise<Position | null> => {
    if ((await runs.read(runId, { fresh: true })).state === null) await startLost(project, runId);
    const { state, position } = await runs.read(runId);
    if (state === null || isEnded(state)) return position;
    const cause = causeOf(
      { ...context, expectedRevision: null },
      { runId, projectId: project.id, owner: project.owner },
    );
    try {
      const told = await runs.handle(runId, command, { ...cause, commandId: `${cause.commandId}>${runId}` });
      return told.position;
    } catch (error) {
      // It came to its end meanwhile, which is as good.
      if (error instanceof PartituraError && error.code === 'RUN_ENDED') return null;
      throw error;
    }
  };

  const tellAll = async (projectId: string, command: UntimedRunCommand, context: CallContext) => {
    const project = await presentProject(context, projects, projectId);
    const live = [...project.live.keys()];
    const { position, revision } = await projects.read(streamName('project', projectId));
    if (context.expectedRevision !== null && context.expectedRevision !== revision)
      throw new PartituraError(
        'STALE_REVISION',
        `The project is at revision ${revision}, not at ${context.expectedRevision}.`,
        { advice: 'Read it again and decide on what it says now.' },
      );
    const told = await Promise.all(live.map((runId) => tell(project, runId, command, context)));
    const latest = told.reduce<Position>((last, one) => (one !== null && one > last ? one : last), position);
    return { id: projectId, position: latest };
  };

  return {
    pauseProject: ({ params, body }, context) =>
      tellAll(params.id, { kind: 'pause', reason: 'operator', detail: body.reason }, context),
    resumeProject: ({ params }, context) => tellAll(params.id, { kind: 'resume' }, context),
    cancelProject: ({ params, body }, context) =>
      tellAll(params.id, { kind: 'cancel', reason: body.reason }, context),
  };
};

const isRequest = isFact('project.run_requested');

const isRequestOf = (event: RecordedEvent, runId: string): event is RecordedAs<'project.run_requested'> =>
  isRequest(event) && event.data.runId === runId;
