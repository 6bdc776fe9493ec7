export { type JobQueueUnderTest, jobQueueContract } from './job-queue-contract.ts';
