import type { BlobStore } from '../blobs/index.ts';
import { sha256 } from '../canonical/index.ts';
import type { EventStore } from '../event-store/index.ts';
import type { JobQueue } from '../job-queue/index.ts';
import type { Clock } from '../runtime/index.ts';

/** Says under which name something would be kept, and keeps nothing. */
export const readOnlyBlobs = (blobs: Pick<BlobStore, 'get' | 'has'>): BlobStore => ({
  put: async (content) => sha256(content),
  get: blobs.get,
  has: blobs.has,
  close: async () => undefined,
});

/** The time that the log says it was. Nobody waits. */
export interface ReplayClock extends Clock {
  set(time: string): void;
}

export const replayClock = (): ReplayClock => {
  let now = 0;
  return {
    now: () => now,
    set: (time) => {
      now = Date.parse(time);
    },
    sleep: async () => undefined,
  };
};

const refuse = (): never => {
  throw new Error('A replay changes nothing, and looks at nothing but what it was given.');
};

/** A log that cannot be written to, nor read; what may be read of it is put over this. */
export const closedStore: EventStore = {
  append: refuse,
  restore: refuse,
  examine: refuse,
  readStream: refuse,
  readAll: refuse,
  subscribe: refuse,
  head: refuse,
  close: refuse,
};

/**
 * A log that knows of no imports. A fork's beginning names its place in the log that recorded it, and stands for another one where the
 * fork was imported: a replay is of what was recorded, and comes to the same wherever it is made.
 */
export const withoutImports: EventStore['readAll'] = async function* () {};

/** Nobody takes what is put there: the work was done. */
export const closedQueue: JobQueue = {
  enqueue: async () => undefined,
  remove: refuse,
  work: refuse,
  counts: refuse,
  close: refuse,
};
