import type { Collection } from 'mongodb';
import type { CollectionDefinition } from '../port.ts';
import { fieldName, type StoredDocument } from './stored-document.ts';

/**
 * The id comes last in every index, as the port says. MongoDB reads an index from either end, so one direction is enough. One
 * call each: FerretDB 1.24 hangs up on a call for several that are there already.
 */
export const createIndexes = async (
  collection: Collection<StoredDocument>,
  { indexes }: CollectionDefinition,
): Promise<void> => {
  for (const fields of indexes) {
    const keys = [...fields.filter((field) => field !== 'id'), 'id'];
    await collection.createIndex(Object.fromEntries(keys.map((field) => [fieldName(field), 1])), {
      name: `by ${fields.join(', ')}`,
    });
  }
};
