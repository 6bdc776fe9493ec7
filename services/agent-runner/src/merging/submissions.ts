import type { EventBus } from '@partitura/shared/event-bus';
import type { EventStore } from '@partitura/shared/event-store';
import {
  type MergeEvent,
  ownershipIn,
  type RecordedEvent,
  runEvents,
  streamName,
} from '@partitura/shared/events';
import type { JobQueue } from '@partitura/shared/job-queue';
import { type CommandHandler, type Processor, processor } from '@partitura/shared/processing';
import type { Clock, Logger } from '@partitura/shared/runtime';
import { enqueue } from './merge-sweep.ts';
import type { MergeCommand, MergeQueue } from './queue.ts';

interface SubmissionDependencies {
  readonly store: EventStore;
  readonly bus: EventBus;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly merges: CommandHandler<MergeQueue, MergeCommand, MergeEvent>;
}

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
        ...ownershipIn(event.metadata),
        ...(projectId === undefined ? {} : { projectId }),
        ...(event.metadata.runId === undefined ? {} : { runId: event.metadata.runId }),
      },
    });
    // A queue that is away is filled again from the log when it is back; the log has it.
    await enqueue(queue, [{ runId, taskId, attemptId }]).catch((error: unknown) => {
      dependencies.logger.warn({ error, attemptId }, 'A branch to be merged was not put on the queue.');
    });
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
