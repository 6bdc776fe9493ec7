import { createRedactor, type EventRegistry, eventRegistry, type Redactor } from '../../events/index.ts';
import type { EventSealing } from '../event-sealing.ts';
import type { EventPage, EventStore, ReadAllOptions, ReadStreamOptions, SubscribeOptions } from '../port.ts';
import { appendPreparation } from '../prepare-append.ts';
import { restoring } from '../restoring.ts';
import { openDatabase } from './database.ts';
import { examineDatabase } from './examining.ts';
import { examineServedLog } from './examining-apart.ts';
import { closedError, groupCommit } from './group-commit.ts';
import { numbering } from './numbering.ts';
import { oneLook } from './one-look.ts';
import { places } from './places.ts';
import { numberOf, positionOf } from './positions.ts';
import { type Page, reader } from './reading.ts';
import { recentEvents } from './recent.ts';
import { storeErrors } from './sqlite-errors.ts';
import { streamHeads } from './stream-heads.ts';
import { wakeUp } from './wake-up.ts';
import { writer } from './writing.ts';

export interface SqliteEventStoreOptions {
  /** A file, created when it is not there, or `:memory:`. */
  readonly path: string;
  /** Default: one that knows the shapes of common keys, and no exact values. */
  readonly redactor?: Redactor;
  /** Default: the contracts of Partitura. */
  readonly registry?: EventRegistry;
  /** Default: nobody's data can be erased. */
  readonly sealing?: EventSealing | undefined;
}

const defaultPage = 256;

/**
 * The log in a SQLite file. One writer at a time: hold the data directory (`acquireDataDirectory`) while it is open.
 * @throws {PartituraError} `STORE_*` when the file cannot be opened
 */
export const openSqliteEventStore = ({
  path,
  redactor = createRedactor(),
  registry = eventRegistry,
  sealing,
}: SqliteEventStoreOptions): EventStore => {
  const database = openDatabase(path);
  const numbers = numbering(database);
  const index = places(database);
  const recent = recentEvents();
  const writing = writer(database, streamHeads(database, index), numbers, index, recent);
  const reading = reader(database, numbers, index, recent, registry);
  const inOneLook = oneLook(database);
  const recorded = wakeUp();
  const closing = new AbortController();
  const prepare = appendPreparation({ registry, redactor, ...(sealing && { sealing }) });
  const commits = groupCommit({ path, commit: writing.commit, committed: recorded.ring });

  const guarded = <Result>(work: () => Result): Result => {
    if (closing.signal.aborted) throw closedError(path);
    return storeErrors(path, work);
  };

  async function* readStream(
    stream: Parameters<EventStore['readStream']>[0],
    options: ReadStreamOptions = {},
  ) {
    const { direction = 'forwards', asRecorded = false } = options;
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    let after =
      direction === 'forwards' ? (options.from ?? 0) - 1 : (options.from ?? Number.MAX_SAFE_INTEGER - 1) + 1;
    for (let last = left <= 0; !last; ) {
      const limit = Math.min(left, defaultPage);
      const page: Page = guarded(() =>
        inOneLook(() => {
          // Notices it when somebody else wrote to the file.
          writing.head();
          return reading.stream(stream, { after, direction, limit, asRecorded });
        }),
      );
      const end = page.events.at(-1);
      if (!end) return;
      yield page.events;
      after = end.revision;
      left -= page.events.length;
      last = page.last || left <= 0;
    }
  }

  /** `head` first: what is recorded while the page is read stands after it, and is not skipped. */
  const readPage = (
    after: number,
    limit: number,
    { direction = 'forwards', filter = {}, asRecorded = false }: ReadAllOptions,
  ) =>
    guarded(() => {
      const head = writing.head();
      const page = reading.all(filter, { after, direction, limit, asRecorded });
      const end = page.events.at(-1);
      const reached = end ? numberOf(end.position) : after;
      return { ...page, reached: page.last && direction === 'forwards' ? Math.max(head, reached) : reached };
    });

  async function* readAll(options: ReadAllOptions = {}): AsyncGenerator<EventPage> {
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    let after = startOf(options);
    for (let last = left <= 0; !last; ) {
      const page = readPage(after, Math.min(left, defaultPage), options);
      if (page.events.length === 0) return;
      yield { events: page.events, position: positionOf(page.reached) };
      after = page.reached;
      left -= page.events.length;
      last = page.last || left <= 0;
    }
  }

  async function* subscribe({
    after: start,
    filter = {},
    batchSize = defaultPage,
    signal,
  }: SubscribeOptions): AsyncGenerator<EventPage> {
    const ended = AbortSignal.any([signal, closing.signal]);
    let after = numberOf(start);
    const leave = recent.follow();
    try {
      while (!ended.aborted) {
        const seen = recorded.count();
        const page = readPage(after, batchSize, { filter });
        after = page.reached;
        if (page.events.length > 0) yield { events: page.events, position: positionOf(after) };
        if (page.last) await recorded.after(seen, ended);
      }
    } finally {
      leave();
    }
  }

  return {
    append: (stream, events, expected) => {
      try {
        if (events.length === 0) throw new RangeError(`An append to ${stream} without events says nothing.`);
        return commits.append({ ...prepare(stream, events), expected });
      } catch (error) {
        return Promise.reject(error);
      }
    },
    restore: restoring({ readStream, append: commits.append }),
    readStream,
    readAll,
    subscribe,
    examine: () => (path === ':memory:' ? examineDatabase(database, path) : examineServedLog(path)),
    head: async () => positionOf(guarded(writing.head)),
    close: async () => {
      if (closing.signal.aborted) return;
      commits.close();
      closing.abort();
      database.close();
    },
  };
};

const startOf = ({ after, direction = 'forwards' }: ReadAllOptions): number => {
  if (after !== undefined) return numberOf(after);
  return direction === 'forwards' ? 0 : Number.MAX_SAFE_INTEGER;
};
