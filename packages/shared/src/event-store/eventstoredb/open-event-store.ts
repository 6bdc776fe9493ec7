import { createRedactor, type EventRegistry, eventRegistry, type Redactor } from '../../events/index.ts';
import { PartituraError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logging.ts';
import type { Clock } from '../../runtime/ports.ts';
import type { EventSealing } from '../event-sealing.ts';
import type { EventStore } from '../port.ts';
import { appendPreparation } from '../prepare-append.ts';
import { restoring } from '../restoring.ts';
import { appendLine } from './append-line.ts';
import { appending } from './appending.ts';
import { type Connection, connection } from './connection.ts';
import { type Patience, patience } from './patience.ts';
import { reader } from './reading.ts';
import { storeClosed } from './store-errors.ts';
import { streamNames } from './stream-names.ts';
import { follow } from './subscribing.ts';

export interface EventStoreDbOptions {
  /** `esdb://user:password@host:2113` or `esdb+discover://…`; `?tls=false` for a server without TLS. */
  readonly url: string;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Default: one that knows the shapes of common keys, and no exact values. */
  readonly redactor?: Redactor;
  /** Default: the contracts of Partitura. */
  readonly registry?: EventRegistry;
  /** Default: nobody's data can be erased. */
  readonly sealing?: EventSealing | undefined;
  /** How long the server may be away before a call is given up. Subscriptions never give up. Default 60 s. */
  readonly patienceMs?: number;
  /** How long the server may take to be there at the start. Default: as long as it may be away later. */
  readonly startTimeoutMs?: number;
  /** The most bytes of one append. Default 1 MiB, as the server's own `--max-append-size`. */
  readonly maxAppendBytes?: number;
  /** Sets our streams apart from those of another installation in the same database. Default: none. */
  readonly namespace?: string;
  /** Appends under way at the same time. Default 64. */
  readonly mostInFlight?: number;
  /** How long the server may take to answer an append before it is looked up and sent again. Default 15 s. */
  readonly answerWithinMs?: number;
}

const defaultPage = 256;
const askWithinMs = 5_000;

/** "Caught up" and the $all position of events in stream reads: 23.10 is the oldest supported version that has both. */
const oldest = { major: 23, minor: 10 };

/**
 * The log in EventStoreDB. Waits for the server, then asks for its version and whether it lets us in.
 * @throws {PartituraError} `EVENT_STORE_URL_INVALID`, `STORE_UNREACHABLE`, `STORE_ACCESS_DENIED`, `STORE_VERSION_UNSUPPORTED`
 */
export const openEventStore = async (options: EventStoreDbOptions): Promise<EventStore> => {
  const { url, clock, logger = null, patienceMs = 60_000, startTimeoutMs = patienceMs } = options;
  const { redactor = createRedactor(), registry = eventRegistry, sealing } = options;
  const {
    maxAppendBytes = 1_048_576,
    mostInFlight = 64,
    namespace = null,
    answerWithinMs = 15_000,
  } = options;
  const server = connection(url, streamNames(namespace));
  const { where } = server;
  const waiting = patience({ where, clock, logger, patienceMs });
  const reading = reader(server, waiting, registry);
  if (/^[^?]*@.*[?&]tls=false/i.test(url))
    logger?.warn({ eventStore: where }, 'without TLS no credentials are sent to EventStoreDB');
  try {
    const starting = patience({ where, clock, logger, patienceMs: startTimeoutMs });
    await checkVersion(server, starting);
    await reader(server, starting, registry).head();
  } catch (error) {
    await server.close();
    throw error;
  }

  const prepare = appendPreparation({ registry, redactor, ...(sealing && { sealing }) });
  const appends = appending({
    where,
    line: appendLine(server, answerWithinMs),
    read: reading.stream,
    patience: waiting,
    mostInFlight,
    maxAppendBytes,
  });
  const closing = new AbortController();
  const guarded = async function* <Page>(pages: AsyncGenerator<Page>): AsyncGenerator<Page> {
    if (closing.signal.aborted) throw storeClosed(where);
    yield* pages;
  };

  return {
    append: async (stream, events, expected) => {
      if (closing.signal.aborted) throw storeClosed(where);
      if (events.length === 0) throw new RangeError(`An append to ${stream} without events says nothing.`);
      return await appends.append({ ...prepare(stream, events), expected });
    },
    restore: restoring({ readStream: reading.stream, append: appends.append }),
    readStream: (stream, readOptions) => guarded(reading.stream(stream, readOptions)),
    readAll: (readOptions) => guarded(reading.all(readOptions)),
    subscribe: ({ after, filter = {}, batchSize = defaultPage, signal }) =>
      follow(
        { connection: server, patience: waiting, registry, logger },
        { after, filter, batchSize, signal: AbortSignal.any([signal, closing.signal]) },
      ),
    examine: async function* () {
      // The server looks after its own files.
      for await (const { events } of guarded(reading.all({ asRecorded: true })))
        yield { events, findings: [] };
    },
    head: async () => {
      if (closing.signal.aborted) throw storeClosed(where);
      return await reading.head();
    },
    close: async () => {
      if (closing.signal.aborted) return;
      closing.abort();
      await appends.settled();
      await server.close();
    },
  };
};

const checkVersion = async (server: Connection, waiting: Patience): Promise<void> => {
  const version = await waiting.patiently(() => server.serverVersion(askWithinMs));
  const [major, minor] = (version ?? '0.0').split('.').map(Number);
  if (major === undefined || minor === undefined || Number.isNaN(major) || Number.isNaN(minor)) return;
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return;
  throw new PartituraError(
    'STORE_VERSION_UNSUPPORTED',
    `EventStoreDB at ${server.where} is version ${version ?? 'before 21.10'}; Partitura needs ${oldest.major}.${oldest.minor} or newer.`,
    { advice: 'Upgrade the server, or use the embedded profile.' },
  );
};
