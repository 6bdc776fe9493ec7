import { beginning } from '@partitura/shared/events';
import type { CollectionDefinition, Document, ReadModels } from '@partitura/shared/read-models';

/** A rebuild that was asked for and is not done: kept beside the documents, so that it goes on after a crash. */
export interface RebuildBegun extends Document {
  readonly generation: number;
}

const collection: CollectionDefinition = { name: 'rebuilds', version: 1, generation: 0, indexes: [] };
/** These are notes, not a fold of the log: they have no checkpoint to move. */
const noCheckpoint = { from: beginning, to: beginning };

export const rebuildsBegun = async (readModels: ReadModels): Promise<readonly RebuildBegun[]> => {
  const { items } = await readModels.find(collection, { limit: 500 });
  return items as readonly RebuildBegun[];
};

export const rememberRebuild = (readModels: ReadModels, id: string, generation: number): Promise<void> => {
  const begun: RebuildBegun = { id, generation };
  return readModels.write('rebuilds', [{ collection, puts: [begun], deletes: [] }], noCheckpoint);
};

export const forgetRebuild = (readModels: ReadModels, id: string): Promise<void> =>
  readModels.write('rebuilds', [{ collection, puts: [], deletes: [id] }], noCheckpoint);
