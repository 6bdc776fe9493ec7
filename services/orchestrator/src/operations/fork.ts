import { asRunId, type ForkedRun, streamName, taskIdOf } from '@partitura/shared/events';
import type { OperationHandlers } from '@partitura/shared/http';
import type { OrchestratorDependencies } from '../dependencies.ts';
import { appendFork } from '../forks/append-fork.ts';
import { branchBefore } from '../forks/branch.ts';
import { droppedTasks, forkedConfiguration } from '../forks/changes.ts';
import { parentsPast } from '../forks/parents-past.ts';
import type { RunHandler } from '../runs/run-handler.ts';
import type { Task } from '../runs/task.ts';
import { budgetFrom } from './budget.ts';
import { causeOf, idFrom } from './cause.ts';
import { type Projects, presentProject } from './project-changes.ts';
import { runToReadFor } from './reach.ts';
import { requireRepository } from './repository.ts';

/** A run that goes on from where another one was. */
export const forkOperations = (
  dependencies: OrchestratorDependencies,
  projects: Projects,
  runs: RunHandler,
): Pick<OperationHandlers, 'forkRun'> => ({
  forkRun: async ({ params, body }, context) => {
    const { store, clock } = dependencies;
    const parent = await runToReadFor(context, runs, params.id);
    const { projectId, owner } = parent;
    const runId = idFrom('r', context.commandId);
    const cause = causeOf({ ...context, expectedRevision: null }, { projectId, runId, owner });
    const existing = await runs.read(runId, { fresh: true });
    // Asked for before, under the same key.
    if (existing.state !== null) return { id: runId, position: existing.position };
    await presentProject(context, projects, projectId);
    const past = await parentsPast(store, parent.id, body.at);
    const configuration = await forkedConfiguration(runId, past, body, dependencies);
    const fork: ForkedRun = {
      parentRunId: parent.id,
      at: past.at,
      streams: { ...past.streams },
      commit: past.commit,
      shiftMs: Math.max(0, clock.now() - past.time),
      unsettled: Object.fromEntries(
        Object.entries(past.unsettled).map(([holder, usage]) => [
          holder.startsWith(`${parent.id}.`) ? `${runId}${holder.slice(parent.id.length)}` : holder,
          usage,
        ]),
      ),
      changes: {
        model: body.model ?? null,
        budget: budgetFrom(body.budget),
        prompts: Object.keys(body.prompts),
        droppedTasks: [...droppedTasks(past.run, runId, body.dropTasks)],
      },
    };
    await requireRepository(past.run.configuration);
    const dropped = new Set<string>(fork.changes.droppedTasks);
    const isDropped = ({ definition: { key } }: Task) => dropped.has(taskIdOf(asRunId(runId), key));
    await branchBefore(past, configuration, isDropped, dependencies.logger);
    const requested = await projects.handle(streamName('project', projectId), {
      ...cause,
      at: clock.now(),
      command: { kind: 'request_run', runId, configuration, fork },
    });
    const event = requested.events.find(({ type }) => type === 'project.run_requested');
    // Asked for before, under the same key, and about to be begun by whoever hears of it.
    if (event?.type !== 'project.run_requested') return { id: runId, position: requested.position };
    // Whoever hears of it would begin it too. Begun here, under the same command id, the caller sees it at once.
    const request = { runId, projectId, configuration: event.data.configuration, fork };
    await appendFork({ store, clock }, request, {
      commandId: `${context.commandId}/0>`,
      metadata: cause.metadata,
    });
    const begun = await runs.read(runId, { fresh: true });
    return { id: runId, position: begun.position };
  },
});
