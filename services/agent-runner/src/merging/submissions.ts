import type { EventBus } from '@partitura/shared/event-bus';
import type { EventStore } from '@partitura/shared/event-store';
import { type MergeEvent, type RecordedEvent, runEvents, streamName } from '@partitura/shared/events';
import type { JobQueue } from '@partitura/shared/job-queue';
import { type CommandHandler, type Processor, processor } from '@partitura/shared/processing';
import type { Clock, Component, Logger } from '@partitura/shared/runtime';
import { mergesQueue } from './merge-worker.ts';
import type { MergeCommand, MergeQueue } from './queue.ts';

interface SubmissionDependencies {
  readonly store: EventStore;
  readonly bus: EventBus;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly merges: CommandHandler<MergeQueue, MergeCommand, MergeEvent>;
}

const enqueue = (
  queue: JobQueue,
  runId: string,
  attempts: readonly { taskId: string; attemptId: string }[],
) =>
  queue.enqueue(
    mergesQueue,
    attempts.map(({ taskId, attemptId }) => ({ id: attemptId, payload: { runId, taskId, attemptId } })),
  );

/** A submitted branch gets in line. */
export const submissions = (dependencies: SubmissionDependencies): Processor => {
  const { queue, clock, merges } = dependencies;
  const handle = async (event: RecordedEvent): Promise<void> => {
    const { taskId, attemptId, branch, commit } = runEvents['task.submitted'].schema.parse(event.data);
    const submission = { taskId, attemptId, branch, commit };
    const runId = event.stream.slice('run-'.length);
    const { correlationId, projectId } = event.metadata;
    await merges.handle(streamName('merge', runId), {
      command: { kind: 'queue', submission },
      commandId: `${event.id}>merge`,
      at: clock.now(),
      metadata: {
        source: '/agent-runner',
        actor: 'service:agent-runner',
        correlationId,
        causationId: event.id,
        ...(projectId === undefined ? {} : { projectId }),
        ...(event.metadata.runId === undefined ? {} : { runId: event.metadata.runId }),
      },
    });
    await enqueue(queue, runId, [submission]);
  };
  return processor({
    name: 'submissions',
    service: 'agent-runner',
    filter: { categories: ['run'], types: ['task.submitted'] },
    handle,
    bus: dependencies.bus,
    store: dependencies.store,
    clock,
    logger: dependencies.logger,
  });
};

/** The queue forgets at a restart; the log does not: what waits to be merged is put there again. */
export const mergeRecovery = ({
  store,
  queue,
}: Pick<SubmissionDependencies, 'store' | 'queue'>): Component => ({
  name: 'agent-runner.merge-recovery',
  start: async () => {
    const waiting = new Map<string, { runId: string; taskId: string; attemptId: string }>();
    for await (const { events } of store.readAll({ filter: { categories: ['merge'] } })) {
      for (const { type, data, stream } of events as readonly RecordedEvent<MergeEvent>[]) {
        const { taskId, attemptId } = data;
        if (type === 'merge.queued') {
          waiting.set(attemptId, { runId: stream.slice('merge-'.length), taskId, attemptId });
        } else waiting.delete(attemptId);
      }
    }
    for (const one of waiting.values()) await enqueue(queue, one.runId, [one]);
  },
  stop: async () => undefined,
});
