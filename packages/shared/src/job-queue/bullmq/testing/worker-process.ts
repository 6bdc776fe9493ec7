import { systemClock } from '../../../runtime/index.ts';
import { openBullmqJobQueue } from '../../index.ts';

/** A worker in a process of its own: takes jobs, says so on stdout, and holds them until they are taken away. */
const [, , url = '', prefix = '', lockMs = '1000'] = process.argv;

const queue = await openBullmqJobQueue({ url, prefix, clock: systemClock });
await queue.work({
  queue: 'work',
  concurrency: 4,
  lockMs: Number(lockMs),
  retry: { maxDeliveries: 1, backoffMs: 1, maxBackoffMs: 1 },
  handle: ({ id, signal }) => {
    process.stdout.write(`took ${id}\n`);
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        process.stdout.write(`aborted ${id}\n`);
        reject(signal.reason);
      });
    });
  },
  onGivenUp: ({ id }) => process.stdout.write(`gave up ${id}\n`),
});
process.stdout.write('ready\n');
