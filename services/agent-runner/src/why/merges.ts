import type { EventStore } from '@partitura/shared/event-store';
import { ofType, proofOf, type Words, wordsOf } from './record.ts';
import type { MissingLink, WhyResource } from './resource.ts';

/** Tasks that were to bring the attempt's work through a conflict. */
const resolving = (run: Words<'run'>, attemptId: string): readonly string[] =>
  ofType(run, 'task.added').flatMap(({ data: { taskId, conflict } }) =>
    conflict?.attemptId === attemptId ? [taskId] : [],
  );

/** What an attempt is called in a fork of its run. */
const attemptIn = (forkId: string, runId: string, attemptId: string): string =>
  `${forkId}${attemptId.slice(runId.length)}`;

const mergedInto = async (store: EventStore, run: Words<'run'>, runId: string, attemptId: string) => {
  const completed = ofType(await wordsOf(store, 'merge', runId), 'merge.completed');
  const resolvers = resolving(run, attemptId);
  return (
    completed.find(({ data }) => data.attemptId === attemptId) ??
    completed.find(({ data }) => resolvers.includes(data.taskId))
  );
};

interface Merging {
  /** Whose commit it is. */
  readonly runId: string;
  readonly run: Words<'run'>;
  readonly attemptId: string;
  /** Whose branch is looked at, which may be a fork's. */
  readonly lookedAt: string | null;
}

/** How an attempt's work came into the run's branch: by its own merge, or by that of whoever resolved its conflict. */
export const mergeOf = async (
  store: EventStore,
  { runId, run, attemptId, lookedAt }: Merging,
): Promise<NonNullable<WhyResource['merge']> | MissingLink> => {
  const inFork =
    lookedAt === null || lookedAt === runId
      ? undefined
      : await mergedInto(
          store,
          await wordsOf(store, 'run', lookedAt),
          lookedAt,
          attemptIn(lookedAt, runId, attemptId),
        );
  const found = inFork ?? (await mergedInto(store, run, runId, attemptId));
  if (found) return { attemptId: found.data.attemptId, commit: found.data.commit, event: proofOf(found) };
  return {
    link: 'merge',
    code: 'MERGE_NOT_RECORDED',
    detail: `Nothing is recorded that brought the work of ${attemptId} into the run’s branch.`,
  };
};
