import type { Position, RecordedEvent } from '@partitura/shared/events';
import {
  type Build,
  type CollectionDefinition,
  type Document,
  isCheckpointMoved,
  type ReadModels,
} from '@partitura/shared/read-models';
import type { Clock } from '@partitura/shared/runtime';
import { foldEvents, type PoisonedEvent } from '../folding/fold-events.ts';
import type { PastOf } from '../folding/past.ts';
import type { Projected, Projection } from '../folding/projection.ts';
import { withOrganizations } from '../folding/tenancy.ts';
import { headStart } from './head-start.ts';

export type ReportPoison = (projection: Projection, poisoned: PoisonedEvent) => Promise<void>;

/** All events of the log after `after`, up to and with `upTo`. */
export interface LogSection {
  readonly after: Position;
  readonly events: readonly RecordedEvent[];
  readonly upTo: Position;
}

/** The documents of one projection, being built: live, or beside the live ones; by this instance, or by several at once. */
export interface ProjectionBuild {
  readonly projection: Projection;
  readonly collection: CollectionDefinition;
  /** How far it has come, in memory; what is stored may be a little behind. */
  position(): Position;
  /**
   * Folds what it has not got yet and stores what changed with the checkpoint. A build that is not as far as where the page begins
   * leaves it alone, whether it went back in the middle or before, while the page was on its way: what lies between would be
   * missing for ever. Then it is not at `upTo` afterwards, and the log has to be read again from where it is.
   */
  take(page: LogSection): Promise<void>;
  /** Stores the checkpoint where it is; goes to where another instance has it, if that differs. */
  settle(): Promise<void>;
  /** Goes on to what others have stored meanwhile; goes back when the documents are gone. */
  compare(): Promise<void>;
}

export interface BuildContext {
  readonly readModels: ReadModels;
  readonly clock: Clock;
  readonly report: ReportPoison;
  /** What a fork has inherited. Default: nothing. */
  readonly pastOf?: PastOf;
}

/** How many events that do not concern it a projection passes before it stores that it did. */
const unstoredEvents = 2_000;

export const buildName = ({ name }: { readonly name: string }, { version, generation }: Build): string =>
  `${name}@${version}.${generation}`;

/** Goes on where the build's stored checkpoint is. */
export const openBuild = async (
  { readModels, clock, report, pastOf }: BuildContext,
  projection: Projection,
  generation: number,
): Promise<ProjectionBuild> => {
  const { name, version } = projection;
  const indexes = withOrganizations(projection.indexes);
  const collection: CollectionDefinition = { name, version, generation, indexes };
  const checkpointName = buildName(projection, collection);
  const checkpoint = () => readModels.checkpoint(checkpointName);
  const others = headStart(clock, checkpoint);
  let stored = await checkpoint();
  let position = stored;
  let passed = 0;

  // The collection has nothing but documents of this projection.
  const load = async (ids: readonly string[]) =>
    (await readModels.getMany(collection, ids)) as readonly (Projected | undefined)[];

  /** False when others have gone on, or back, meanwhile: then this one has to go where they are. */
  const goOnTo = async (to: Position, puts: readonly Document[]): Promise<boolean> => {
    try {
      await readModels.write(checkpointName, [{ collection, puts, deletes: [] }], { from: stored, to });
    } catch (error) {
      if (!isCheckpointMoved(error)) throw error;
      others.lost();
      return false;
    }
    stored = to;
    position = to;
    passed = 0;
    return true;
  };

  /**
   * To where the documents are. Not only forwards: what was passed over since may have been passed over because the documents it
   * concerns had been wiped.
   */
  const goToStored = async (): Promise<void> => {
    stored = await checkpoint();
    position = stored;
    passed = 0;
  };

  /** False when others have gone on, or back. */
  const takeOnce = async (events: readonly RecordedEvent[], upTo: Position): Promise<boolean> => {
    if (upTo <= position) return true;
    const fresh = events.filter((event) => event.position > position);
    const { documents, poisoned } = await foldEvents(projection, fresh, load, pastOf);
    for (const poison of poisoned) await report(projection, poison);
    if (documents.size === 0 && passed + fresh.length < unstoredEvents) {
      passed += fresh.length;
      position = upTo;
      return true;
    }
    return !(await others.given(stored)) && goOnTo(upTo, [...documents.values()]);
  };

  const settle = async (): Promise<void> => {
    if (stored < position && !(await goOnTo(position, []))) await goToStored();
  };

  return {
    projection,
    collection,
    position: () => position,
    take: async ({ after, events, upTo }) => {
      while (position >= after && !(await takeOnce(events, upTo))) await goToStored();
    },
    settle,
    compare: async () => {
      const theirs = await checkpoint();
      if (theirs < stored || position < theirs) await goToStored();
      else stored = theirs;
      await settle();
    },
  };
};
