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
  of(name: string): ProjectionBuild | null;
  /** Resolves when none is under way. */
  done(): Promise<void>;
}

export interface RebuildingOptions extends BuildContext {
  readonly store: EventStore;
  readonly logger: Logger;
  readonly live: LiveBuilds;
  readonly turns: Turns;
  readonly insist: Insisting['insist'];
  readonly signal: AbortSignal;
}

export const rebuilding = (options: RebuildingOptions): Rebuilding => {
  const { store, readModels, logger, live, turns, insist, signal } = options;
  const notes = notesIn<RebuildBegun>(readModels, 'rebuilds');
  const underWay = new Map<string, { readonly build: ProjectionBuild; readonly done: Promise<void> }>();

  /** False when the build is elsewhere than the pages: others have gone on, or the documents are gone. */
  const readThrough = async (build: ProjectionBuild): Promise<boolean> => {
    let after = build.position();
    for await (const { events, position: upTo } of store.readAll({ after })) {
      if (signal.aborted) return true;
      await build.take({ after, events, upTo });
      if (build.position() !== upTo) return false;
      after = upTo;
      await othersTurn();
    }
    return true;
  };

  const catchUp = async (build: ProjectionBuild): Promise<void> => {
    for (let isThere = false; !isThere && !signal.aborted; ) {
      isThere = await readThrough(build);
      const reached = build.position();
      await build.settle();
      isThere &&= build.position() >= reached;
    }
  };

  /**
   * The feed waits meanwhile, so that the new documents have what the old ones had. Readers see them from one query to the next.
   * Done again after a failure half-way, it ends the same.
   */
  const finish = async (build: ProjectionBuild): Promise<void> => {
    await catchUp(build);
    if (signal.aborted) return;
    await live.switchTo(build);
    await notes.forget(build.projection.name);
  };

  const start = async (projection: Projection, generation: number): Promise<void> => {
    const { name } = projection;
    const build = await openBuild(options, projection, generation);
    if (underWay.has(name)) return;
    const work = async (): Promise<void> => {
      await catchUp(build);
      await turns.take(() => finish(build));
    };
    const done = insist(`Rebuilding ${name}`, work).finally(() => underWay.delete(name));
    underWay.set(name, { build, done });
    logger.info({ projection: name, generation }, 'a read model is built again beside the live one');
  };

  return {
    begin: async ({ projection, collection }) => {
      if (underWay.has(projection.name)) return;
      const generation = collection.generation + 1;
      await notes.remember({ id: projection.name, generation });
      await start(projection, generation);
    },
    join: async () => {
      for (const { id, generation } of await notes.all()) {
        const build = live.all().find(({ projection }) => projection.name === id);
        if (underWay.has(id)) continue;
        // Switched to already: only the note was left.
        if (!build || generation <= build.collection.generation) await notes.forget(id);
        else await start(build.projection, generation);
      }
    },
    of: (name) => underWay.get(name)?.build ?? null,
    done: async () => {
      await Promise.all([...underWay.values()].map(({ done }) => done));
    },
  };
};
