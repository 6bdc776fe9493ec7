export { type InProcessJobQueueOptions, inProcessJobQueue } from './in-process.ts';
export type * from './port.ts';
