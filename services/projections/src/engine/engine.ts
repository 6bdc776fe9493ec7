import { setImmediate as othersTurn } from 'node:timers/promises';
import type { EventStore } from '@partitura/shared/event-store';
import type { Position } from '@partitura/shared/events';
import type { CollectionDefinition, ReadModels } from '@partitura/shared/read-models';
import type { Clock, Component, Logger } from '@partitura/shared/runtime';
import type { PastOf } from '../folding/past.ts';
import type { Projection } from '../folding/projection.ts';
import type { LogSection, ReportPoison } from './build.ts';
import { insisting } from './insisting.ts';
import { liveBuilds } from './live-builds.ts';
import { type ProjectionProgress, progressOf } from './progress.ts';
import { rebuilding } from './rebuilding.ts';
import { retiring } from './retiring.ts';
import { taking } from './turns.ts';
import { waitingReaders } from './waiting.ts';

export interface EngineOptions {
  readonly store: EventStore;
  readonly readModels: ReadModels;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly projections: readonly Projection[];
  readonly report: ReportPoison;
  /** What a fork has inherited. Default: nothing. */
  readonly pastOf?: PastOf;
  /** The most events folded at once. Default 512. */
  readonly batchSize?: number;
  /** How often it is looked what other instances did, or who emptied the database, in ms. Default 2 s. */
  readonly compareEveryMs?: number;
  /** How long documents that were replaced are kept, in ms: until every instance has looked. Default 20 s. */
  readonly retireAfterMs?: number;
}

export interface ProjectionEngine extends Component {
  /** What readers of this read model are to ask. */
  collection(name: string): CollectionDefinition;
  /**
   * Before reading: makes sure that `collection` is what every instance takes it for, when this one has not looked for long (it
   * was stopped, or the machine slept). At once otherwise.
   */
  fresh(): Promise<void>;
  /** Up to where every live read model has come. */
  position(): Position;
  /** @throws {PartituraError} `READ_MODEL_BEHIND` */
  waitFor(position: Position, timeoutMs: number): Promise<void>;
  /** Begins to build it again beside the live one. Resolves when that will go on even after a crash. */
  rebuild(name: string): Promise<void>;
  /** Resolves when no rebuild is under way, and what was replaced is gone. */
  rebuilt(): Promise<void>;
  progress(): readonly ProjectionProgress[];
  /** What keeps the read models from going on; null when nothing does. */
  trouble(): string | null;
}

/** After this many comparisons that did not take place, readers wait for the next. */
const missedComparisons = 4;

/**
 * Keeps the read models at the log. It reads the log itself, not the bus: documents take in events of several streams, and only
 * the log has them all in one order; the checkpoint that counts is the one stored with the documents. One feed serves all
 * projections, so that an event is read once. Any number of engines may keep the same read models.
 */
export const projectionEngine = (options: EngineOptions): ProjectionEngine => {
  const { store, readModels, clock, logger, projections, batchSize = 512 } = options;
  const { compareEveryMs = 2_000, retireAfterMs = 20_000 } = options;
  const turns = taking();
  const stopping = new AbortController();
  const { signal } = stopping;
  const { insist, trouble } = insisting(clock, logger, signal);
  const retired = retiring({ readModels, clock, insist, signal, afterMs: retireAfterMs });
  const live = liveBuilds(options, projections, retired);
  /** Where every event has a document, these are counted at once. */
  const countEvents = async (): Promise<number | null> =>
    projections.some(({ name }) => name === 'history')
      ? readModels.count(live.of('history').collection)
      : null;
  const rebuilds = rebuilding({ ...options, live, turns, insist, signal, countEvents });
  const waiting = waitingReaders(clock, live.position);
  let readAgain = new AbortController();
  /** How far the feed has read. */
  let reached = live.position();
  let comparedAt = clock.now();
  let work: Promise<unknown> = Promise.resolve();

  /** In a turn of its own. */
  const compare = async (): Promise<void> => {
    await live.compare();
    await rebuilds.join();
    await retired.resume();
    comparedAt = clock.now();
    waiting.reached(live.position());
    if (live.position() < reached) readAgain.abort();
  };

  const takePage = async (section: LogSection): Promise<void> => {
    const { upTo } = section;
    for (const build of live.all()) await build.take(section);
    reached = upTo;
    if (live.position() < upTo) await compare();
    waiting.reached(live.position());
  };

  /** Until somebody has to go back. */
  const readOn = async (): Promise<void> => {
    readAgain = new AbortController();
    reached = live.position();
    const until = AbortSignal.any([signal, readAgain.signal]);
    let after = reached;
    for await (const { events, position: upTo } of store.subscribe({ after, batchSize, signal: until })) {
      const section = { after, events, upTo };
      await turns.take(() => insist('Writing the read models', () => takePage(section)));
      if (until.aborted) return;
      after = upTo;
      await othersTurn();
    }
    if (!until.aborted) throw new Error('The subscription to the log ended.');
  };

  const feed = (): Promise<void> =>
    insist('Following the log', async () => {
      while (!signal.aborted) await readOn();
    });

  const keepComparing = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(compareEveryMs, signal).catch(() => undefined);
      await insist('Looking after the read models', () => turns.take(compare));
    }
  };

  /** Costs nothing but time when it fails: the next start begins a little earlier. */
  const settle = async (): Promise<void> => {
    try {
      for (const build of live.all()) await build.settle();
    } catch (error) {
      logger.warn({ error }, 'how far the read models have come could not be stored');
    }
  };

  return {
    name: 'projections',
    start: async () => {
      for (const projection of projections) await live.open(projection);
      await rebuilds.join();
      await retired.resume();
      comparedAt = clock.now();
      work = Promise.all([feed(), keepComparing()]);
    },
    stop: async () => {
      stopping.abort();
      waiting.stop();
      await Promise.all([work, rebuilds.done(), retired.done()]);
      await turns.take(settle);
    },
    collection: (name) => live.of(name).collection,
    fresh: async () => {
      if (clock.now() - comparedAt > missedComparisons * compareEveryMs) await turns.take(compare);
    },
    position: live.position,
    waitFor: waiting.until,
    rebuild: async (name) => {
      live.of(name);
      // What others have switched to meanwhile is not to be taken for what was asked for.
      await turns.take(compare);
      await rebuilds.begin(live.of(name));
    },
    rebuilt: async () => {
      await rebuilds.done();
      await retired.done();
    },
    progress: () => projections.flatMap(({ name }) => progressOf(live.of(name), rebuilds.of(name))),
    trouble,
  };
};
