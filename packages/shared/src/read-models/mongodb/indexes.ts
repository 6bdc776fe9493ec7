import type { Collection, Db } from 'mongodb';
import type { CollectionDefinition } from '../port.ts';
import { wholeIndex } from '../query-plan.ts';
import { collectionName, fieldName, type StoredDocument } from './stored-document.ts';

/**
 * Makes a collection and its indexes. MongoDB reads an index from either end,
 * so one direction is enough. One call each: FerretDB 1.24 hangs up on a call for several that are there already. And the
 * collection itself first: killed while it makes one for a document, FerretDB cannot use that name any more.
 */
export const createIndexes = async (database: Db, definition: CollectionDefinition): Promise<void> => {
  const collection = await created(database, collectionName(definition));
  for (const fields of definition.indexes) {
    await collection.createIndex(
      Object.fromEntries(wholeIndex(fields).map((field) => [fieldName(field), 1])),
      {
        name: `by ${fields.join(', ')}`,
      },
    );
  }
};

const alreadyThere = 48;

const created = async (database: Db, name: string): Promise<Collection<StoredDocument>> => {
  try {
    return await database.createCollection<StoredDocument>(name);
  } catch (error) {
    if (Error.isError(error) && 'code' in error && error.code === alreadyThere)
      return database.collection(name);
    throw error;
  }
};
