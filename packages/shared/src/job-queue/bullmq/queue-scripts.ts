import type { RedisConnection } from './redis-connection.ts';
import {
  endRemovedScript,
  handBackScript,
  holdScript,
  noteLostScript,
  parkScript,
  removedOfScript,
  removeScript,
} from './scripts.ts';

/** A job as BullMQ knows it, at work with the one that has the token. */
export interface HeldJob {
  readonly key: string;
  readonly token: string;
}

export interface ParkedJob {
  /** JSON, as BullMQ stores it. */
  readonly data: string;
  readonly priority: number;
  readonly delay: number;
}

/** The scripts on the keys of one queue. Jobs are named by their keys, see `job-key.ts`. */
export interface QueueScripts {
  /** Told to the workers of other processes on the channel when it is at work. */
  remove(key: string): Promise<'absent' | 'removed' | 'at work'>;
  removedOf(keys: readonly string[]): Promise<readonly string[]>;
  /** false when nothing winds down under this key any more. */
  park(key: string, job: ParkedJob): Promise<boolean>;
  endRemoved(job: HeldJob, now: number): Promise<'ended' | 'kept' | 'lost'>;
  stateOf(job: HeldJob, lockMs: number): Promise<'held' | 'removed' | 'lost'>;
  noteLost(key: string, lost: number): Promise<void>;
  handBack(jobs: readonly (HeldJob & { readonly started: boolean })[]): Promise<void>;
}

/**
 * `base` is what the queue's keys begin with, its colon included. Scripts are sent whole each time: they are short, and a
 * Redis that was restarted has forgotten any that were loaded before.
 */
export const queueScripts = (connection: RedisConnection, base: string, channel: string): QueueScripts => {
  const run = (script: string, ...values: readonly (string | number)[]): Promise<unknown> =>
    connection.eval(script, 1, base, ...values);
  const oneOf = async <Answer extends string>(
    answers: readonly Answer[],
    answer: Promise<unknown>,
  ): Promise<Answer> => {
    const given = await answer;
    const known = answers.find((each) => each === given);
    if (known === undefined) throw new Error(`a script answered ${String(given)}`);
    return known;
  };
  return {
    remove: (key) => oneOf(['absent', 'removed', 'at work'], run(removeScript, key, channel)),
    removedOf: async (keys) => {
      const removed = await run(removedOfScript, ...keys);
      return Array.isArray(removed) ? removed.map(String) : [];
    },
    park: async (key, job) => (await run(parkScript, key, JSON.stringify(job))) === 1,
    endRemoved: ({ key, token }, now) =>
      oneOf(['ended', 'kept', 'lost'], run(endRemovedScript, key, token, now)),
    stateOf: ({ key, token }, lockMs) =>
      oneOf(['held', 'removed', 'lost'], run(holdScript, key, token, lockMs)),
    noteLost: async (key, lost) => {
      await run(noteLostScript, key, JSON.stringify({ lost }));
    },
    handBack: async (jobs) => {
      await run(handBackScript, ...jobs.flatMap(({ key, token, started }) => [key, token, started ? 1 : 0]));
    },
  };
};
