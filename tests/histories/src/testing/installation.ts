import type { EventStore } from '@partitura/shared/event-store';
import { type ProjectEvent, type RecordedEvent, versionOf } from '@partitura/shared/events';
import type { History } from '../history.ts';

type Requested = Extract<ProjectEvent, { type: 'project.run_requested' }>;

const isOfProject = ({ stream }: RecordedEvent): boolean => stream.startsWith('project-');

/** A history has of its project the wish for a run alone: the project itself begins as that wish describes it. */
const beginningOf = (wish: RecordedEvent) => {
  const { projectId } = wish.metadata;
  if (projectId === undefined) throw new Error('The history has a wish of no project.');
  const { configuration } = wish.data as Requested['data'];
  const { prd, repository, stack, constraints, successCriteria, workflow } = configuration;
  const { id, time, metadata } = wish;
  const wanted = { stack, constraints, successCriteria, budget: null, workflow: workflow.name };
  const url = repository ?? { url: '/nowhere', baseBranch: 'main' };
  const data = { projectId, name: prd?.title ?? 'A history', prd, repository: url, ...wanted };
  const type = 'project.created';
  return { id: `${id}~`, type, version: versionOf(type), data, time, metadata };
};

/**
 * Puts a history into a log that has nothing of it, in the order in which it was recorded: the streams of its runs as they were, down to
 * their hashes, and its project's anew.
 */
export const tellHistory = async (store: EventStore, events: History['events']): Promise<void> => {
  for (const event of events) {
    if (!isOfProject(event)) await store.restore(event.stream, [event]);
    else {
      const { stream, revision: _, position: __, hash: ___, ...wish } = event;
      const isFirst = (await Array.fromAsync(store.readStream(stream, { limit: 1 }))).length === 0;
      await store.append(stream, isFirst ? [beginningOf(event), wish] : [wish], 'any');
    }
  }
};
