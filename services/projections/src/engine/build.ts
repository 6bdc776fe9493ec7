import type { Position, RecordedEvent } from '@partitura/shared/events';
import {
  type Build,
  type CollectionDefinition,
  type Document,
  isCheckpointMoved,
  type ReadModels,
} from '@partitura/shared/read-models';
import { foldEvents, type PoisonedEvent } from '../folding/fold-events.ts';
import type { Projected, Projection } from '../folding/projection.ts';

export type ReportPoison = (projection: Projection, poisoned: PoisonedEvent) => Promise<void>;

/** The documents of one projection, being built: live, or beside the live ones. */
export interface ProjectionBuild {
  readonly projection: Projection;
  readonly collection: CollectionDefinition;
  /** How far it has come, in memory; what is stored may be a little behind. */
  position(): Position;
  /** Folds what it has not got yet and stores what changed with the checkpoint. */
  take(events: readonly RecordedEvent[], upTo: Position): Promise<void>;
  /** Stores the checkpoint where it is. */
  settle(): Promise<void>;
  drop(): Promise<void>;
}

/** How many events that do not concern it a projection passes before it stores that it did. */
const unstoredEvents = 2_000;

export const buildName = ({ name }: { readonly name: string }, { version, generation }: Build): string =>
  `${name}@${version}.${generation}`;

export const dropBuild = (readModels: ReadModels, projection: Projection, build: Build): Promise<void> => {
  const { version, generation } = build;
  const { name, indexes } = projection;
  return readModels.drop(buildName(projection, build), [{ name, version, generation, indexes }]);
};

/** Goes on where the build's stored checkpoint is. */
export const openBuild = async (
  readModels: ReadModels,
  projection: Projection,
  generation: number,
  report: ReportPoison,
): Promise<ProjectionBuild> => {
  const { name, version, indexes } = projection;
  const collection: CollectionDefinition = { name, version, generation, indexes };
  const checkpointName = buildName(projection, collection);
  let stored = await readModels.checkpoint(checkpointName);
  let position = stored;
  let passed = 0;

  // The collection has nothing but documents of this projection.
  const load = async (ids: readonly string[]) =>
    (await readModels.getMany(collection, ids)) as readonly (Projected | undefined)[];

  const write = async (puts: readonly Document[], to: Position): Promise<void> => {
    await readModels.write(checkpointName, [{ collection, puts, deletes: [] }], { from: stored, to });
    stored = to;
    position = to;
    passed = 0;
  };

  const takeOnce = async (events: readonly RecordedEvent[], upTo: Position): Promise<void> => {
    if (upTo <= position) return;
    const fresh = events.filter((event) => event.position > position);
    const { documents, poisoned } = await foldEvents(projection, fresh, load);
    for (const poison of poisoned) await report(projection, poison);
    passed += fresh.length;
    if (documents.size > 0 || passed >= unstoredEvents) await write([...documents.values()], upTo);
    position = upTo;
  };

  /**
   * Another instance was faster: what it stored is what this one would have, and only what neither has is left. What this one
   * passed over did not concern it, so it never goes back.
   */
  const unlessBehind = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!isCheckpointMoved(error)) throw error;
      const theirs = await readModels.checkpoint(checkpointName);
      // Not faster: the documents are gone. They have to be built again, not written into.
      if (theirs < stored) throw error;
      stored = theirs;
      if (position < theirs) position = theirs;
      await work();
    }
  };

  return {
    projection,
    collection,
    position: () => position,
    take: (events, upTo) => unlessBehind(() => takeOnce(events, upTo)),
    settle: () =>
      unlessBehind(async () => {
        if (stored < position) await write([], position);
      }),
    drop: () => dropBuild(readModels, projection, collection),
  };
};
