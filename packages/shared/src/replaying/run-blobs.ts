import type { BlobStore } from '../blobs/index.ts';
import type { EventStore } from '../event-store/index.ts';
import { asRunId, type Category, type RecordedEvent } from '../events/index.ts';
import { originOf } from '../forking/index.ts';
import { nameRequestParts } from '../models/recording/manifest.ts';
import { PartituraError } from '../runtime/errors.ts';

type Blobs = Pick<BlobStore, 'get' | 'has'>;

interface Source {
  readonly store: EventStore;
  readonly blobs: Blobs;
}

const losses: ReadonlyMap<string, readonly [code: string, what: string]> = new Map([
  ['BLOB_NOT_FOUND', ['RUN_BLOB_MISSING', 'is not in the blob store']],
  ['BLOB_CORRUPT', ['RUN_BLOB_CORRUPT', 'is damaged: it has other content than its name is the hash of']],
]);

const lossIn = (error: unknown) => (error instanceof PartituraError ? losses.get(error.code) : undefined);

/** Whether it is the content itself that is lost, and not the way to it. */
export const isLost = (error: unknown): error is PartituraError =>
  error instanceof PartituraError &&
  (losses.has(error.code) || [...losses.values()].some(([code]) => code === error.code));

const ofRun: readonly Category[] = ['run', 'plan', 'agent', 'merge'];

async function* eventsOf(store: EventStore, runId: string): AsyncGenerator<RecordedEvent> {
  for (let current: string | null = runId; current !== null; ) {
    const filter = { runId: asRunId(current), categories: ofRun };
    for await (const { events } of store.readAll({ filter })) yield* events;
    current = (await originOf(store, current))?.parentRunId ?? null;
  }
}

/** The request that has the blob in it, which no event names by itself. */
const isPartOf = async (blobs: Blobs, event: RecordedEvent, hash: string, known: Set<string>) => {
  const request: unknown = Reflect.get(Object(Reflect.get(Object(event.data), 'request')), 'hash');
  if (event.type !== 'model.requested' || typeof request !== 'string') return false;
  // A part that cannot be read either is named all the same.
  await nameRequestParts(blobs, request, known).catch((error: unknown) => {
    if (!isLost(error)) throw error;
  });
  return known.has(hash);
};

/** Only when something is lost: it reads the whole run, and the requests in it. */
const namedBy = async ({ store, blobs }: Source, runId: string, hash: string) => {
  const known = new Set<string>();
  for await (const event of eventsOf(store, runId))
    if (JSON.stringify(event.data).includes(`"${hash}"`) || (await isPartOf(blobs, event, hash, known)))
      return event;
  return null;
};

const explained = (
  [code, what]: readonly [code: string, what: string],
  event: RecordedEvent | null,
  { runId, hash, cause }: { readonly runId: string; readonly hash: string; readonly cause: unknown },
): PartituraError => {
  const where =
    event && `${event.type}, event ${event.revision} of ${event.stream} at position ${event.position}`;
  return new PartituraError(
    code,
    `The blob ${hash} of run ${runId} ${what}.${where ? ` It belongs to ${where}.` : ''}`,
    {
      advice:
        'Bring it back into the blob store from a backup, and ask again. The history, states and costs of the run do not need it.',
      cause,
    },
  );
};

/**
 * Blobs as they are read for a run. One that is lost is told of with the event it belongs to: a hash alone helps nobody to find out
 * what of the run is gone.
 * @throws {PartituraError} from `get`: `RUN_BLOB_MISSING`, `RUN_BLOB_CORRUPT`
 */
export const blobsOfRun = (source: Source, runId: string): Blobs => ({
  has: source.blobs.has,
  get: async (hash) => {
    try {
      return await source.blobs.get(hash);
    } catch (cause) {
      const loss = lossIn(cause);
      if (!loss) throw cause;
      throw explained(loss, await namedBy(source, runId, hash), { runId, hash, cause });
    }
  },
});
