import type { EventStore } from '../event-store/index.ts';
import { asRunId, type OrganizationId, ownerOf, streamName } from '../events/index.ts';
import type { JobQueue } from '../job-queue/index.ts';
import { withinOrganization } from '../subject-keys/index.ts';

/** Whose runs are. */
export interface RunOwners {
  attach(store: EventStore): void;
  /** Null where there is no such run, or no log to look into. */
  of(runId: string): Promise<OrganizationId | null>;
}

const mostRemembered = 10_000;

/** A run's first event says whose it is, for ever. */
export const runOwners = (): RunOwners => {
  let log: EventStore | null = null;
  const known = new Map<string, OrganizationId>();
  return {
    attach: (store) => {
      log = store;
    },
    of: async (runId) => {
      const remembered = known.get(runId);
      if (remembered !== undefined || log === null) return remembered ?? null;
      const owner = await ownerIn(log, runId);
      if (known.size >= mostRemembered) known.clear();
      if (owner !== null) known.set(runId, owner);
      return owner;
    },
  };
};

const ownerIn = async (log: EventStore, runId: string): Promise<OrganizationId | null> => {
  for await (const [first] of log.readStream(streamName('run', asRunId(runId)), { limit: 1 }))
    if (first !== undefined) return ownerOf(first.metadata);
  return null;
};

/** What a worker keeps is kept for the organisation whose run its job is about, without each worker having to say so. */
export const queueWithin = (queue: JobQueue, owners: RunOwners): JobQueue => ({
  enqueue: (name, jobs) => queue.enqueue(name, jobs),
  remove: (name, id) => queue.remove(name, id),
  counts: (name) => queue.counts(name),
  close: () => queue.close(),
  work: (options) =>
    queue.work({
      ...options,
      handle: async (delivery) => {
        const runId: unknown = Object(delivery.payload).runId;
        const owner = typeof runId === 'string' ? await owners.of(runId) : null;
        return owner === null
          ? options.handle(delivery)
          : withinOrganization(owner, () => options.handle(delivery));
      },
    }),
});
