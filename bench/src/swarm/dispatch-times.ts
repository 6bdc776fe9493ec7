import type { EventStore } from '@partitura/shared/event-store';
import type { JobQueue } from '@partitura/shared/job-queue';

/** Looks on while attempts go from the log to a runner. */
export interface DispatchTimes {
  watchStore(store: EventStore): EventStore;
  watchQueue(queue: JobQueue): JobQueue;
  readonly milliseconds: readonly number[];
}

const attemptIdOf = (data: unknown): string =>
  typeof data === 'object' && data !== null && 'attemptId' in data ? String(data.attemptId) : '';

export const dispatchTimes = (): DispatchTimes => {
  const scheduled = new Map<string, number>();
  const milliseconds: number[] = [];
  return {
    milliseconds,
    watchStore: (store) => ({
      ...store,
      append: async (stream, events, expected) => {
        const result = await store.append(stream, events, expected);
        const now = performance.now();
        for (const { type, data } of events)
          if (type === 'task.scheduled') scheduled.set(attemptIdOf(data), now);
        return result;
      },
    }),
    watchQueue: (queue) => ({
      ...queue,
      work: (options) =>
        queue.work({
          ...options,
          handle: (delivery) => {
            const since = scheduled.get(delivery.id);
            if (since !== undefined) milliseconds.push(performance.now() - since);
            return options.handle(delivery);
          },
        }),
    }),
  };
};
