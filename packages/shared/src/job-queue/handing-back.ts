import { PartituraError } from '../runtime/errors.ts';

/**
 * What a handler throws that does not go on with its job and does not want it to be lost: the job goes back into the line at once, for
 * another worker or this one, as a delivery that was lost with its worker. It is no failure, and nothing is waited for.
 */
export const jobHandedBack = (id: string): PartituraError =>
  new PartituraError('JOB_HANDED_BACK', `Job ${id} was handed back by its worker.`);

export const isHandedBack = (error: unknown): boolean =>
  error instanceof PartituraError && error.code === 'JOB_HANDED_BACK';
