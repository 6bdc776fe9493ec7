import type { RunEvent } from '@partitura/shared/events';
import { type RecordedRunEvent, type Timeline, timeline } from '@partitura/shared/replaying';
import { emptyView, evolveView, type RunView } from '../runs/run-view.ts';

/** The run as the runner of one attempt saw it. */
export interface RunMoments {
  of(attempt: { readonly attemptId: string; readonly taskId: string }): Timeline<RunView>;
}

/** The task, the attempt and the holder of budget that an event names. */
const namesOf = ({ data }: RunEvent): readonly string[] =>
  [Reflect.get(data, 'taskId'), Reflect.get(data, 'attemptId'), Reflect.get(data, 'holder')].filter(
    (name): name is string => typeof name === 'string',
  );

/** What concerns all of them. */
const isCommon = ({ type }: RunEvent): boolean => type.startsWith('run.') || type === 'plan.accepted';

/**
 * Each attempt is replayed on what concerns it alone: a view of the whole run for each of a thousand attempts would be the square of
 * it.
 */
export const runMoments = (runId: string, events: readonly RecordedRunEvent[]): RunMoments => {
  const places = new Map(events.map((event, place) => [event, place]));
  const common = events.filter(isCommon);
  const byName = new Map<string, RecordedRunEvent[]>();
  for (const event of events) {
    if (isCommon(event)) continue;
    for (const name of new Set(namesOf(event))) {
      const known = byName.get(name);
      if (known) known.push(event);
      else byName.set(name, [event]);
    }
  }
  return {
    of: ({ attemptId, taskId }) => {
      const own = new Set([...common, ...(byName.get(taskId) ?? []), ...(byName.get(attemptId) ?? [])]);
      // What a fork inherited stands behind its first event, and is older.
      const inOrder = [...own].sort((left, right) => (places.get(left) ?? 0) - (places.get(right) ?? 0));
      return timeline<RunView, RunEvent>(inOrder, emptyView(runId), evolveView);
    },
  };
};
