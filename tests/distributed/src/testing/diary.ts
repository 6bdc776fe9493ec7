import { setTimeout as sleep } from 'node:timers/promises';
import { tailsOf } from './outages.ts';
import type { Swarm } from './swarm.ts';

/** What a test did and when, to be read beside the logs of the processes when it fails. */
export interface Diary {
  note(text: string): void;
  /** Does the work; tells all when it fails, or takes longer than `withinMs`. */
  telling(swarm: Swarm, withinMs: number, work: () => Promise<void>): Promise<void>;
}

export const diary = (): Diary => {
  const notes: string[] = [];
  const note = (text: string): void => {
    notes.push(`${new Date().toISOString()} ${text}`);
    process.stderr.write(`${text}\n`);
  };
  return {
    note,
    telling: async (swarm, withinMs, work) => {
      const done = new AbortController();
      const tooLong = sleep(withinMs, undefined, { signal: done.signal }).then(
        () => {
          throw new Error(`It was not done within ${withinMs} ms: see what was done last.`);
        },
        () => {},
      );
      try {
        await Promise.race([work(), tooLong]);
      } catch (error) {
        process.stderr.write(`${notes.join('\n')}\n${await tailsOf(swarm)}\n`);
        throw error;
      } finally {
        done.abort();
      }
      process.stderr.write(`${notes.splice(0).join('\n')}\n`);
    },
  };
};
