import type { EventStore } from '@partitura/shared/event-store';
import { type RunEvent, recordedIn } from '@partitura/shared/events';
import { type Forked, originIn, pastOf } from '@partitura/shared/forking';
import type { Submission } from './queue.ts';

/** By task: what was handed in and waits to be merged. */
type Waiting = Map<string, Submission>;

const take = (waiting: Waiting, { type, data }: RunEvent): void => {
  switch (type) {
    case 'task.submitted': {
      const { taskId, attemptId, branch, commit } = data;
      waiting.set(taskId, { taskId, attemptId, branch, commit });
      return;
    }
    case 'task.completed':
    case 'task.attempt_failed':
    case 'task.failed':
    case 'task.dead_lettered':
    case 'task.cancelled':
    case 'task.rejected':
      waiting.delete(data.taskId);
  }
};

/** What waited to be merged when a run was forked, in the order in which it was handed in. Some of it may be in the queue already. */
export const inheritedSubmissions = async (
  store: EventStore,
  forked: Forked,
): Promise<readonly Submission[]> => {
  const waiting: Waiting = new Map();
  for await (const page of pastOf(store, forked.stream, originIn(forked)))
    for (const event of recordedIn('run', page)) take(waiting, event);
  return [...waiting.values()];
};
