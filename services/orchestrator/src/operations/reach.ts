import { type ProjectEvent, streamName } from '@partitura/shared/events';
import { type CallContext, isThereFor, type Ownership, ownerOf } from '@partitura/shared/http';
import type { CommandHandler } from '@partitura/shared/processing';
import { PartituraError } from '@partitura/shared/runtime';
import type { ProjectCommand } from '../projects/decider.ts';
import type { Project, ProjectState } from '../projects/state.ts';
import { runNotFound } from '../runs/refusals.ts';
import type { RunBound, RunHandler } from '../runs/run-handler.ts';
import { isEnded, type Run } from '../runs/state.ts';

type Reader = Pick<CallContext, 'organizationId'>;

/**
 * What a caller may touch: that there is another's must not be told from there being nothing. Whose something is never changes, so
 * it is looked up once, before the command is decided on; what is not there yet is not remembered, and looked up again.
 */
const there = <State extends { readonly owner: Ownership }>(
  context: Reader,
  state: State | null,
  notFound: () => PartituraError,
): State => {
  if (state === null || !isThereFor(context, ownerOf(state.owner))) throw notFound();
  return state;
};

/** The project as the log has it now. @throws {PartituraError} `PROJECT_NOT_FOUND` */
export const projectFor = async (
  context: Reader,
  projects: Pick<CommandHandler<ProjectState, ProjectCommand, ProjectEvent>, 'read'>,
  projectId: string,
): Promise<Project> => {
  const { state } = await projects.read(streamName('project', projectId), { fresh: true });
  return there(context, state, () => projectNotFound(projectId));
};

const projectNotFound = (projectId: string): PartituraError =>
  new PartituraError('PROJECT_NOT_FOUND', `There is no project "${projectId}".`, {
    advice: 'See the projects with: GET /api/v1/projects',
  });

/**
 * The run as it is in memory, or as new as the bound asks for.
 * @throws {PartituraError} `RUN_NOT_FOUND`, or what is said of the part of it that was named
 */
export const runToReadFor = async (
  context: Reader,
  runs: Pick<RunHandler, 'read'>,
  runId: string,
  bound: RunBound = {},
  notFound = () => runNotFound(runId),
): Promise<Run> => there(context, (await runs.read(runId, bound)).state, notFound);

/**
 * A run that may be told something: not one that is here only as the past of a fork, which another past would then be imported of.
 * @throws {PartituraError} `RUN_IS_EXCERPT`, and as `runToReadFor`
 */
export const runFor = async (
  context: Reader,
  runs: Pick<RunHandler, 'read' | 'isExcerpt'>,
  runId: string,
  bound: RunBound = {},
  notFound = () => runNotFound(runId),
): Promise<Run> => {
  const run = await runToReadFor(context, runs, runId, bound, notFound);
  if (!isEnded(run) && (await runs.isExcerpt(run.id)))
    throw new PartituraError(
      'RUN_IS_EXCERPT',
      `Of ${run.id} only what a fork inherited of it was imported.`,
      {
        advice: 'Nothing goes on in it here: fork it, or import its own bundle to have all of it.',
      },
    );
  return run;
};
