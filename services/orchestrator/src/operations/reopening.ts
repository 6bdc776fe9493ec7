import { type ProjectEvent, streamName } from '@partitura/shared/events';
import type { CallContext } from '@partitura/shared/http';
import type { CommandHandler } from '@partitura/shared/processing';
import type { Clock } from '@partitura/shared/runtime';
import type { ProjectCommand } from '../projects/decider.ts';
import type { ProjectState } from '../projects/state.ts';
import { isEnded, type Run } from '../runs/state.ts';
import { causeOf } from './cause.ts';

/** Does something that may open a run again, with the project's money for it set aside before. */
export type Reopening = <Result>(
  run: Run,
  context: CallContext,
  work: () => Promise<Result>,
) => Promise<Result>;

/**
 * A run that ended gave back to its project what it had not spent. Whatever opens it again must have that set aside first, and
 * gives it back when the run refuses to be opened.
 */
export const reopening =
  (projects: CommandHandler<ProjectState, ProjectCommand, ProjectEvent>, clock: Clock): Reopening =>
  async (run, context, work) => {
    if (!isEnded(run)) return work();
    const { id: runId, projectId, owner } = run;
    const stream = streamName('project', projectId);
    const cause = causeOf({ ...context, expectedRevision: null }, { projectId, runId, owner });
    const tell = (command: ProjectCommand, what: string) =>
      projects.handle(stream, {
        ...cause,
        commandId: `${cause.commandId}>${what}`,
        at: clock.now(),
        command,
      });
    const before = (await projects.read(stream, { fresh: true })).state?.ended.get(runId);
    const reopened = await tell({ kind: 'reopen_run', runId, budget: run.configuration.budget }, 'reopen');
    try {
      return await work();
    } catch (error) {
      if (before && reopened.events.length > 0) {
        const { status, ...spent } = before;
        await tell({ kind: 'settle_run', runId, status, spent, completed: null }, 'settle');
      }
      throw error;
    }
  };
