import type { EventStore } from '@partitura/shared/event-store';
import { ofType, proofOf, type Words, wordsOf } from './record.ts';
import type { MissingLink, WhyResource } from './resource.ts';

/** Tasks that were to bring the attempt's work through a conflict. */
const resolving = (run: Words<'run'>, attemptId: string): readonly string[] =>
  ofType(run, 'task.added').flatMap(({ data: { taskId, conflict } }) =>
    conflict?.attemptId === attemptId ? [taskId] : [],
  );

/** How an attempt's work came into the run's branch: by its own merge, or by that of whoever resolved its conflict. */
export const mergeOf = async (
  store: EventStore,
  run: Words<'run'>,
  runId: string,
  attemptId: string,
): Promise<NonNullable<WhyResource['merge']> | MissingLink> => {
  const completed = ofType(await wordsOf(store, 'merge', runId), 'merge.completed');
  const resolvers = resolving(run, attemptId);
  const found =
    completed.find(({ data }) => data.attemptId === attemptId) ??
    completed.find(({ data }) => resolvers.includes(data.taskId));
  if (found) return { attemptId: found.data.attemptId, commit: found.data.commit, event: proofOf(found) };
  return {
    link: 'merge',
    code: 'MERGE_NOT_RECORDED',
    detail: `Nothing is recorded that brought the work of ${attemptId} into the run’s branch.`,
  };
};
