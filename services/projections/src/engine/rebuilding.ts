import { setImmediate as othersTurn } from 'node:timers/promises';
import type { EventStore } from '@partitura/shared/event-store';
import type { Logger } from '@partitura/shared/runtime';
import type { Projection } from '../folding/projection.ts';
import { type BuildContext, openBuild, type ProjectionBuild } from './build.ts';
import type { Insisting } from './insisting.ts';
import type { LiveBuilds } from './live-builds.ts';
import { notesIn, type RebuildBegun } from './notes.ts';
import type { Turns } from './turns.ts';

/** Documents that are built again beside the live ones, by every instance that is there. */
export interface Rebuilding {
  /** Resolves when it will go on even after a crash. */
  begin(live: ProjectionBuild): Promise<void>;
  /** Takes part in what others have begun, or this one before a crash. */
  join(): Promise<void>;
  of(name: string): UnderWay | null;
  /** Resolves when none is under way. */
  done(): Promise<void>;
}

/** A build on its way to become the live one. */
export interface UnderWay {
  readonly build: ProjectionBuild;
  /** Events of the log that it has behind it. */
  events(): number;
  /** Events there are in all, as of its beginning; null where nobody counts them. */
  readonly total: number | null;
}

export interface RebuildingOptions extends BuildContext {
  readonly store: EventStore;
  readonly logger: Logger;
  readonly live: LiveBuilds;
  readonly turns: Turns;
  readonly insist: Insisting['insist'];
  readonly signal: AbortSignal;
  /** How many events the log has; null where nobody counts them. */
  readonly countEvents: () => Promise<number | null>;
}

/** Called with how many events have been passed. */
type Passed = (count: number) => Promise<void>;
type Begun = Pick<RebuildBegun, 'generation' | 'events'>;

/** Events from one note of how far it is to the next. */
const notedEvery = 5_000;

export const rebuilding = (options: RebuildingOptions): Rebuilding => {
  const { store, readModels, logger, live, turns, insist, signal, countEvents } = options;
  const notes = notesIn<RebuildBegun>(readModels, 'rebuilds');
  const underWay = new Map<string, UnderWay & { readonly done: Promise<void> }>();

  /** False when the build is elsewhere than the pages: others have gone on, or the documents are gone. */
  const readThrough = async (build: ProjectionBuild, passed: Passed): Promise<boolean> => {
    let after = build.position();
    for await (const { events, position: upTo } of store.readAll({ after })) {
      if (signal.aborted) return true;
      await build.take({ after, events, upTo });
      if (build.position() !== upTo) return false;
      after = upTo;
      await passed(events.length);
      await othersTurn();
    }
    return true;
  };

  const catchUp = async (build: ProjectionBuild, passed: Passed): Promise<void> => {
    for (let isThere = false; !isThere && !signal.aborted; ) {
      isThere = await readThrough(build, passed);
      const reached = build.position();
      await build.settle();
      isThere &&= build.position() >= reached;
    }
  };

  /**
   * The feed waits meanwhile, so that the new documents have what the old ones had. Readers see them from one query to the next.
   * Done again after a failure half-way, it ends the same.
   */
  const finish = async (build: ProjectionBuild, passed: Passed): Promise<void> => {
    await catchUp(build, passed);
    if (signal.aborted) return;
    await live.switchTo(build);
    await notes.forget(build.projection.name);
  };

  const start = async (projection: Projection, { generation, events: before = 0 }: Begun): Promise<void> => {
    const { name } = projection;
    const build = await openBuild(options, projection, generation);
    const total = await countEvents();
    if (underWay.has(name)) return;
    let events = before;
    let noted = before;
    const passed: Passed = async (count) => {
      events += count;
      if (events - noted < notedEvery) return;
      noted = events;
      await notes.remember({ id: name, generation, events });
    };
    const work = async (): Promise<void> => {
      await catchUp(build, passed);
      await turns.take(() => finish(build, passed));
    };
    const done = insist(`Rebuilding ${name}`, work).finally(() => underWay.delete(name));
    underWay.set(name, { build, total, events: () => events, done });
    logger.info({ projection: name, generation }, 'a read model is built again beside the live one');
  };

  const goOn = async ({ id, generation, events = 0 }: RebuildBegun): Promise<void> => {
    const build = live.all().find(({ projection }) => projection.name === id);
    // Switched to already: only the note was left.
    if (!build || generation <= build.collection.generation) await notes.forget(id);
    else await start(build.projection, { generation, events });
  };

  return {
    begin: async ({ projection, collection }) => {
      if (underWay.has(projection.name)) return;
      const generation = collection.generation + 1;
      await notes.remember({ id: projection.name, generation });
      await start(projection, { generation });
    },
    join: async () => {
      for (const note of await notes.all()) if (!underWay.has(note.id)) await goOn(note);
    },
    of: (name) => underWay.get(name) ?? null,
    done: async () => {
      await Promise.all([...underWay.values()].map(({ done }) => done));
    },
  };
};
