import { setImmediate as othersTurn } from 'node:timers/promises';
import type { EventPage, EventStore } from '@partitura/shared/event-store';
import { beginning, type Position } from '@partitura/shared/events';
import type { CollectionDefinition, ReadModels } from '@partitura/shared/read-models';
import { type Clock, type Component, type Logger, PartituraError } from '@partitura/shared/runtime';
import type { Projection } from '../folding/projection.ts';
import { dropBuild, openBuild, type ProjectionBuild, type ReportPoison } from './build.ts';
import { insisting } from './insisting.ts';
import { forgetRebuild, type RebuildBegun, rebuildsBegun, rememberRebuild } from './rebuilds.ts';
import { taking } from './turns.ts';
import { waitingReaders } from './waiting.ts';

export interface EngineOptions {
  readonly store: EventStore;
  readonly readModels: ReadModels;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly projections: readonly Projection[];
  readonly report: ReportPoison;
  /** The most events folded at once. Default 512. */
  readonly batchSize?: number;
}

export interface ProjectionProgress {
  readonly name: string;
  readonly version: number;
  readonly position: Position;
  readonly status: 'live' | 'rebuilding';
}

export interface ProjectionEngine extends Component {
  /** What readers of this read model are to ask. */
  collection(name: string): CollectionDefinition;
  /** Up to where every live read model has come. */
  position(): Position;
  /** @throws {PartituraError} `READ_MODEL_BEHIND` */
  waitFor(position: Position, timeoutMs: number): Promise<void>;
  /** Begins to build it again beside the live one. Resolves when that will go on even after a crash. */
  rebuild(name: string): Promise<void>;
  /** Resolves when no rebuild is under way. */
  rebuilt(): Promise<void>;
  progress(): readonly ProjectionProgress[];
  /** What keeps the read models from going on; null when nothing does. */
  trouble(): string | null;
}

/**
 * Keeps the read models at the log. It reads the log itself, not the bus: documents take in events of several streams, and only
 * the log has them all in one order; the checkpoint that counts is the one stored with the documents. One feed serves all
 * projections, so that an event is read once.
 */
export const projectionEngine = (options: EngineOptions): ProjectionEngine => {
  const { store, readModels, clock, logger, projections, report, batchSize = 512 } = options;
  const live = new Map<string, ProjectionBuild>();
  const rebuilding = new Map<string, { readonly build: ProjectionBuild; readonly done: Promise<void> }>();
  const turns = taking();
  const stopping = new AbortController();
  const { insist, trouble } = insisting(clock, logger, stopping.signal);
  let feeding: Promise<void> = Promise.resolve();

  const position = (): Position => {
    const positions = [...live.values()].map((build) => build.position());
    return positions.sort()[0] ?? beginning;
  };
  const waiting = waitingReaders(clock, position);

  const liveBuild = (name: string): ProjectionBuild => {
    const build = live.get(name);
    if (build) return build;
    throw new PartituraError('PROJECTION_NOT_FOUND', `There is no read model "${name}".`, {
      advice: `There are ${projections.map((projection) => projection.name).join(', ')}.`,
    });
  };

  const takePage = async ({ events, position: upTo }: EventPage): Promise<void> => {
    for (const build of live.values()) await build.take(events, upTo);
    waiting.reached(position());
  };

  const feed = (): Promise<void> =>
    insist('Following the log', async () => {
      const pages = store.subscribe({ after: position(), batchSize, signal: stopping.signal });
      for await (const page of pages) {
        await turns.take(() => insist('Writing the read models', () => takePage(page)));
        await othersTurn();
      }
    });

  const catchUp = async (build: ProjectionBuild): Promise<void> => {
    for await (const page of store.readAll({ after: build.position() })) {
      if (stopping.signal.aborted) return;
      await build.take(page.events, page.position);
      await othersTurn();
    }
  };

  /**
   * The feed waits meanwhile, so that the new documents have what the old ones had. Readers see them from one query to the next.
   * Done again after a failure half-way, it ends the same.
   */
  const switchTo = async (build: ProjectionBuild): Promise<void> => {
    const { name } = build.projection;
    const before = liveBuild(name);
    await catchUp(build);
    if (stopping.signal.aborted) return;
    await build.settle();
    await readModels.activate(build.collection);
    live.set(name, build);
    await forgetRebuild(readModels, name);
    if (before !== build) await before.drop();
  };

  const runRebuild = (build: ProjectionBuild): Promise<void> =>
    insist(`Rebuilding ${build.projection.name}`, async () => {
      await catchUp(build);
      await turns.take(() => switchTo(build));
    });

  const beginRebuild = async (projection: Projection, generation: number): Promise<void> => {
    const build = await openBuild(readModels, projection, generation, report);
    const done = runRebuild(build).finally(() => rebuilding.delete(projection.name));
    rebuilding.set(projection.name, { build, done });
    logger.info(
      { projection: projection.name, generation },
      'a read model is built again beside the live one',
    );
  };

  /**
   * Goes on with the documents there are. Those of another version of the reducer are not what this program can show: they go,
   * and its own are built from the log.
   */
  const openLive = async (projection: Projection): Promise<void> => {
    const { name, version } = projection;
    const active = await readModels.activeBuild(name);
    const isOurs = active?.version === version;
    const build = await openBuild(readModels, projection, isOurs ? active.generation : 0, report);
    if (!isOurs) await readModels.activate(build.collection);
    if (active && !isOurs) await dropBuild(readModels, projection, active);
    live.set(name, build);
  };

  /** After a crash: a rebuild goes on, unless it had been switched to already and only its note was left. */
  const resumeRebuild = async ({ id, generation }: RebuildBegun): Promise<void> => {
    const build = live.get(id);
    if (!build || generation <= build.collection.generation) {
      await forgetRebuild(readModels, id);
      if (build)
        await dropBuild(readModels, build.projection, { ...build.collection, generation: generation - 1 });
    } else {
      await beginRebuild(build.projection, generation);
    }
  };

  return {
    name: 'projections',
    start: async () => {
      for (const projection of projections) await openLive(projection);
      for (const begun of await rebuildsBegun(readModels)) await resumeRebuild(begun);
      feeding = feed();
    },
    stop: async () => {
      stopping.abort();
      waiting.stop();
      await Promise.all([feeding, ...[...rebuilding.values()].map(({ done }) => done)]);
      await turns.take(async () => {
        for (const build of live.values()) await build.settle();
      });
    },
    collection: (name) => liveBuild(name).collection,
    position,
    waitFor: waiting.until,
    rebuild: async (name) => {
      const { projection, collection } = liveBuild(name);
      if (rebuilding.has(name)) return;
      const generation = collection.generation + 1;
      await rememberRebuild(readModels, name, generation);
      if (!rebuilding.has(name)) await beginRebuild(projection, generation);
    },
    rebuilt: async () => {
      await Promise.all([...rebuilding.values()].map(({ done }) => done));
    },
    progress: () =>
      projections.flatMap(({ name, version }): ProjectionProgress[] => {
        const build = rebuilding.get(name)?.build;
        const line = (of: ProjectionBuild, status: ProjectionProgress['status']) => ({
          name,
          version,
          position: of.position(),
          status,
        });
        return [line(liveBuild(name), 'live'), ...(build ? [line(build, 'rebuilding')] : [])];
      }),
    trouble,
  };
};
