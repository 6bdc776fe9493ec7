import type { EventBus } from '@partitura/shared/event-bus';
import type { EventStore } from '@partitura/shared/event-store';
import {
  type MergeEvent,
  ownershipIn,
  type RecordedEvent,
  runEvents,
  streamName,
} from '@partitura/shared/events';
import { isForked } from '@partitura/shared/forking';
import type { JobQueue } from '@partitura/shared/job-queue';
import { type CommandHandler, type Processor, processor } from '@partitura/shared/processing';
import type { Clock, Logger } from '@partitura/shared/runtime';
import { inheritedSubmissions } from './inherited-submissions.ts';
import { enqueue } from './merge-sweep.ts';
import type { MergeCommand, MergeQueue, Submission } from './queue.ts';

interface SubmissionDependencies {
  readonly store: EventStore;
  readonly bus: EventBus;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly merges: CommandHandler<MergeQueue, MergeCommand, MergeEvent>;
  /** Makes the branch of a run that was forked, so that it is there also when nothing is left to be done. */
  readonly makeBranch: (runId: string) => Promise<void>;
}

/** A submitted branch gets in line; so do those that a fork inherited. */
export const submissions = (dependencies: SubmissionDependencies): Processor => {
  const { store, queue, clock, merges, makeBranch } = dependencies;

  const line = async (event: RecordedEvent, submission: Submission): Promise<void> => {
    const { taskId, attemptId } = submission;
    const runId = event.stream.slice('run-'.length);
    const { correlationId, projectId } = event.metadata;
    await merges.handle(streamName('merge', runId), {
      command: { kind: 'queue', submission },
      commandId: `${event.id}>merge${event.type === 'run.forked' ? `:${attemptId}` : ''}`,
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

  const handle = async (event: RecordedEvent): Promise<void> => {
    if (isForked(event)) {
      for (const submission of await inheritedSubmissions(store, event)) await line(event, submission);
      await makeBranch(event.stream.slice('run-'.length));
      return;
    }
    const { taskId, attemptId, branch, commit } = runEvents['task.submitted'].schema.parse(event.data);
    await line(event, { taskId, attemptId, branch, commit });
  };
  return processor({
    name: 'submissions',
    service: 'agent-runner',
    filter: { categories: ['run'], types: ['task.submitted', 'run.forked'] },
    handle,
    bus: dependencies.bus,
    store: dependencies.store,
    clock,
    logger: dependencies.logger,
  });
};
