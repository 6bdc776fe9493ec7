import { PartituraError } from '../runtime/errors.ts';
import type { Job, WorkerOptions } from './port.ts';

/** What a job has that says nothing else. */
export const defaultPriority = 5;

/** @throws {RangeError} */
export const checkJob = ({ id, priority = 0, delayMs = 0 }: Job): void => {
  if (id === '') throw new RangeError('A job needs an id.');
  if (!Number.isInteger(priority) || priority < 0)
    throw new RangeError(`Job ${id}: a priority is a whole number from 0, not ${priority}.`);
  if (!(delayMs >= 0)) throw new RangeError(`Job ${id}: a delay is 0 ms or more, not ${delayMs}.`);
};

/** @throws {RangeError} */
export const checkWorker = <Payload>({ concurrency, retry }: WorkerOptions<Payload>): void => {
  checkCount('concurrency', concurrency);
  checkCount('retry.maxDeliveries', retry.maxDeliveries);
};

const checkCount = (what: string, value: number): void => {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`A worker's ${what} is a whole number from 1, not ${value}.`);
};

export const queueClosed = (name: string): PartituraError =>
  new PartituraError('QUEUE_CLOSED', `Queue ${name} is closed.`, {
    advice: 'What was to be enqueued is in the log; it is enqueued again at the next start.',
  });

export const jobTakenOver = (queue: string, id: string): PartituraError =>
  new PartituraError('JOB_TAKEN_OVER', `The worker of job ${id} in queue ${queue} was closed.`);

export const jobRemoved = (queue: string, id: string): PartituraError =>
  new PartituraError('JOB_REMOVED', `Job ${id} was taken out of queue ${queue}.`);
