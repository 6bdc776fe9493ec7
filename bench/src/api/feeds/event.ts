import {
  asAttemptId,
  asRunId,
  attemptIdOf,
  type EventToAppend,
  type StreamName,
  streamName,
  taskIdOf,
} from '@partitura/shared/events';
import { attemptEvent } from '../../workload.ts';
import { mark } from './load.ts';

export const runId = 'r_1';
const tasks = 20;

/** Of the agents of the story that the log begins with. */
export const streamOf = (index: number): StreamName => {
  const task = taskIdOf(asRunId(runId), `T${(index % (tasks - 2)) + 2}`);
  return streamName('agent', asAttemptId(attemptIdOf(task, 1)));
};

export const story = { runId, tasks };

/** What a tool returned to an agent. `dueAt` makes it findable for who counts, and its time known. */
export const eventOf = (dueAt: number, index: number): EventToAppend => {
  // Every third of the workload is of this type.
  const event = attemptEvent(index, index * 3 + 1);
  return {
    ...event,
    id: `${mark}${dueAt}`,
    metadata: { ...event.metadata, runId: asRunId(runId), correlationId: runId },
  };
};
