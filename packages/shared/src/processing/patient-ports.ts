import type { BlobStore } from '../blobs/index.ts';
import type {
  EventPage,
  EventStore,
  ReadAllOptions,
  ReadStreamOptions,
  SubscribeOptions,
} from '../event-store/index.ts';
import type { RecordedEvent, StreamName } from '../events/index.ts';
import type { Patience } from './patience.ts';

/** A place in the log from which a read that broke off goes on. */
interface Progress<Page> {
  /** Null: all that was asked for was read. */
  open(): AsyncIterable<Page> | null;
  took(page: Page): void;
}

/** Reads pages; a read that breaks off because the store is away goes on behind the last page that was handed over. */
async function* resumed<Page>({ afterFailure }: Patience, progress: Progress<Page>): AsyncGenerator<Page> {
  for (let failures = 1; ; failures += 1) {
    const pages = progress.open();
    if (pages === null) return;
    try {
      for await (const page of pages) {
        failures = 1;
        progress.took(page);
        yield page;
      }
      return;
    } catch (error) {
      await afterFailure(error, failures);
    }
  }
}

const streamProgress = (
  store: EventStore,
  stream: StreamName,
  options: ReadStreamOptions,
): Progress<readonly RecordedEvent[]> => {
  const step = options.direction === 'backwards' ? -1 : 1;
  let next = options;
  return {
    open: () => (next.limit === 0 || (next.from ?? 0) < 0 ? null : store.readStream(stream, next)),
    took: (page) => {
      const last = page.at(-1);
      if (last) next = { ...less(next, page.length), from: last.revision + step };
    },
  };
};

const logProgress = (store: EventStore, options: ReadAllOptions): Progress<EventPage> => {
  let next = options;
  return {
    open: () => (next.limit === 0 ? null : store.readAll(next)),
    took: ({ events, position }) => {
      const after = next.direction === 'backwards' ? (events.at(-1)?.position ?? position) : position;
      next = { ...less(next, events.length), after };
    },
  };
};

const less = <Options extends { readonly limit?: number }>(options: Options, count: number): Options =>
  options.limit === undefined ? options : { ...options, limit: Math.max(0, options.limit - count) };

const subscriptionProgress = (store: EventStore, options: SubscribeOptions): Progress<EventPage> => {
  let next = options;
  return {
    open: () => (next.signal.aborted ? null : store.subscribe(next)),
    took: ({ position }) => {
      next = { ...next, after: position };
    },
  };
};

/**
 * The store, for those who would rather wait than fail while it is away. An append that nobody answered is made again with the
 * same event ids, so that it is recorded once.
 */
export const patientStore = (store: EventStore, patience: Patience): EventStore => ({
  append: (stream, events, expected) => patience.patiently(() => store.append(stream, events, expected)),
  restore: (stream, events) => patience.patiently(() => store.restore(stream, events)),
  readStream: (stream, options = {}) => resumed(patience, streamProgress(store, stream, options)),
  readAll: (options = {}) => resumed(patience, logProgress(store, options)),
  subscribe: (options) => resumed(patience, subscriptionProgress(store, options)),
  examine: () => store.examine(),
  head: () => patience.patiently(() => store.head()),
  close: () => store.close(),
});

/** The blobs, for those who would rather wait than fail while they are away. */
export const patientBlobs = (blobs: BlobStore, { patiently }: Patience): BlobStore => ({
  put: (content) => patiently(() => blobs.put(content)),
  get: (hash) => patiently(() => blobs.get(hash)),
  has: (hash) => patiently(() => blobs.has(hash)),
  close: () => blobs.close(),
});
