import { importedHistory } from '@partitura/shared/bundles';
import type { EventStore } from '@partitura/shared/event-store';
import {
  asProjectId,
  asRunId,
  beginning,
  isFact,
  type Position,
  type ProjectEvent,
  type RecordedEvent,
  streamName,
} from '@partitura/shared/events';
import type { CommandHandler } from '@partitura/shared/processing';
import type { Clock } from '@partitura/shared/runtime';
import type { ProjectCommand } from '../projects/decider.ts';
import type { ProjectState } from '../projects/state.ts';
import { causedBy } from '../reactors/context.ts';

export interface ReopeningsDependencies {
  readonly store: EventStore;
  readonly projects: CommandHandler<ProjectState, ProjectCommand, ProjectEvent>;
  readonly clock: Clock;
}

const isReopened = isFact('project.run_reopened');

/** Between setting the money aside and opening the run there is one append; a minute later nobody will do it any more. */
const graceMs = 60_000;

/**
 * A run is opened again in two steps: its project sets money aside, then the run goes on. Whoever was killed in between leaves the
 * money set aside for a run that has ended; it is given back as it was.
 */
export const reopenings = ({ store, projects, clock }: ReopeningsDependencies) => {
  const history = importedHistory(store);
  const pending = new Map<string, RecordedEvent>();
  let position: Position = beginning;

  const giveBack = async (runId: string, event: RecordedEvent): Promise<void> => {
    const { state: project } = await projects.read(event.stream, { fresh: true });
    const ended = project?.ended.get(runId);
    if (!project?.live.has(runId) || !ended) return;
    const { status, ...spent } = ended;
    const { commandId, metadata } = causedBy(event);
    await projects.handle(streamName('project', project.id), {
      commandId: `${commandId}settle`,
      metadata: { ...metadata, projectId: asProjectId(project.id), runId: asRunId(runId) },
      at: clock.now(),
      command: { kind: 'settle_run', runId, status, spent, completed: null },
    });
  };

  const follow = async (): Promise<void> => {
    const filter = { categories: ['project' as const], types: ['project.run_reopened'] };
    for await (const page of store.readAll({ after: position, filter })) {
      for (const event of await history.withoutImported(page.events))
        if (isReopened(event)) pending.set(event.data.runId, event);
      position = page.position;
    }
  };

  return {
    /** `live` are the runs that have not ended, read before. */
    settle: async (live: ReadonlySet<string>): Promise<void> => {
      await follow();
      const old = [...pending].filter(([, { time }]) => clock.now() - Date.parse(time) >= graceMs);
      for (const [runId, event] of old) {
        if (!live.has(runId)) await giveBack(runId, event);
        pending.delete(runId);
      }
    },
  };
};
