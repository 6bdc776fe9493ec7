import { randomUUID } from 'node:crypto';
import type { Collection } from 'mongodb';
import { asPosition, beginning, type Position } from '../../events/index.ts';
import { CheckpointError } from '../errors.ts';

export interface StoredCheckpoint {
  readonly _id: string;
  readonly position: string;
  /** Of the documents it belongs to: other ones from the beginning again, after a wipe or a drop, have another. */
  readonly life: string;
}

export interface Checkpoints {
  positionOf(projection: string): Promise<Position>;
  /**
   * Before documents are written from `from` on. `isNew` when there is no document yet that it would belong to.
   * @throws {CheckpointError}
   */
  enter(projection: string, from: Position): Promise<{ readonly life: string; readonly isNew: boolean }>;
  /** Compares and sets. @throws {CheckpointError} */
  move(projection: string, life: string, from: Position, to: Position): Promise<void>;
  remove(projection: string): Promise<void>;
}

const isDuplicate = (error: unknown): boolean =>
  Error.isError(error) && 'code' in error && error.code === 11_000;

export const checkpointsIn = (collection: Collection<StoredCheckpoint>): Checkpoints => {
  /**
   * The life each projection was at when this instance saw it first. The same position in another life is not the same
   * checkpoint: what was read since belongs to documents that are gone.
   */
  const known = new Map<string, string>();

  const stored = (projection: string) => collection.findOne({ _id: projection });

  const moved = (projection: string, from: Position, actual: StoredCheckpoint | null): CheckpointError => {
    if (actual) known.set(projection, actual.life);
    else known.delete(projection);
    return new CheckpointError(projection, from, asPosition(actual?.position ?? beginning));
  };

  const bear = async (projection: string): Promise<{ readonly life: string; readonly isNew: boolean }> => {
    const life = randomUUID();
    try {
      await collection.insertOne({ _id: projection, position: beginning, life });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      const actual = await stored(projection);
      if (actual?.position !== beginning) throw moved(projection, beginning, actual);
      known.set(projection, actual.life);
      return { life: actual.life, isNew: false };
    }
    known.set(projection, life);
    return { life, isNew: true };
  };

  return {
    positionOf: async (projection) => {
      const actual = await stored(projection);
      if (actual && !known.has(projection)) known.set(projection, actual.life);
      return asPosition(actual?.position ?? beginning);
    },
    enter: async (projection, from) => {
      const actual = await stored(projection);
      if (!actual && from === beginning) return bear(projection);
      const isOurs = from === beginning || (known.get(projection) ?? actual?.life) === actual?.life;
      if (!actual || actual.position !== from || !isOurs) throw moved(projection, from, actual);
      known.set(projection, actual.life);
      return { life: actual.life, isNew: false };
    },
    move: async (projection, life, from, to) => {
      const { matchedCount } = await collection.updateOne(
        { _id: projection, position: from, life },
        { $set: { position: to } },
      );
      if (matchedCount === 0) throw moved(projection, from, await stored(projection));
    },
    remove: async (projection) => {
      await collection.deleteOne({ _id: projection });
      known.delete(projection);
    },
  };
};
