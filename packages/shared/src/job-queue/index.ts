export { openBullmqJobQueue } from './bullmq/open.ts';
export type { BullmqJobQueueOptions } from './bullmq/options.ts';
export { jobHandedBack } from './handing-back.ts';
export { type InProcessJobQueueOptions, inProcessJobQueue } from './in-process.ts';
export type * from './port.ts';
