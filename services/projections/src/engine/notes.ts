import { beginning } from '@partitura/shared/events';
import type { CollectionDefinition, Document, ReadModels } from '@partitura/shared/read-models';

/**
 * What the instances have agreed to do and not done yet: kept beside the documents, so that another one, or the same after a
 * crash, goes on with it.
 */
export interface Notes<Note extends Document> {
  all(): Promise<readonly Note[]>;
  remember(note: Note): Promise<void>;
  forget(id: string): Promise<void>;
}

/** These are notes, not a fold of the log: they have no checkpoint to move. */
const noCheckpoint = { from: beginning, to: beginning };

export const notesIn = <Note extends Document>(readModels: ReadModels, name: string): Notes<Note> => {
  const collection: CollectionDefinition = { name, version: 1, generation: 0, indexes: [] };
  return {
    all: async () => {
      const { items } = await readModels.find(collection, { limit: 500 });
      return items as readonly Note[];
    },
    remember: (note) => readModels.write(name, [{ collection, puts: [note], deletes: [] }], noCheckpoint),
    forget: (id) => readModels.write(name, [{ collection, puts: [], deletes: [id] }], noCheckpoint),
  };
};

/** A rebuild that was asked for and is not done, by the name of the projection. */
export interface RebuildBegun extends Document {
  readonly generation: number;
  /** How many events of the log it has behind it, from time to time. Only told; where it goes on is its checkpoint. */
  readonly events?: number;
}
