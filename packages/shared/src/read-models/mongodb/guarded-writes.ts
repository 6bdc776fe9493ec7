import { type Collection, MongoBulkWriteError } from 'mongodb';
import { ReadModelsError } from './errors.ts';
import type { StoredDocument } from './stored-document.ts';

/** Each round that is not the last one was lost to another instance, which has gone on by it. */
const mostRounds = 50;

const duplicateKey = 11_000;

/**
 * Puts documents where there is none that is further. Who is further is asked first, then what is not there is inserted and what
 * is older is replaced under the condition that it still is. A duplicate key or a replacement that found nothing says that
 * somebody was in between: it is found out what he left, and done again.
 * @returns when every document is there, as given or further
 */
export const putDocuments = async (
  collection: Collection<StoredDocument>,
  documents: readonly StoredDocument[],
): Promise<void> => {
  let left = documents;
  for (let round = 0; left.length > 0; round += 1) {
    if (round === mostRounds)
      throw new ReadModelsError(
        'READ_MODELS_FAILED',
        `${left.length} documents of ${collection.namespace} could not be written: others change them all the time.`,
      );
    left = await putOnce(collection, left);
  }
};

/** Returns what has to be looked at again. */
const putOnce = async (
  collection: Collection<StoredDocument>,
  documents: readonly StoredDocument[],
): Promise<readonly StoredDocument[]> => {
  const positions = await positionsOf(collection, documents);
  const absent = documents.filter(({ _id }) => !positions.has(_id));
  const older = documents.filter(({ _id, at }) => {
    const there = positions.get(_id);
    return there !== undefined && there <= at;
  });
  return [...(await insertAll(collection, absent)), ...(await replaceAll(collection, older))];
};

const positionsOf = async (
  collection: Collection<StoredDocument>,
  documents: readonly StoredDocument[],
): Promise<ReadonlyMap<string, string>> => {
  const ids = documents.map(({ _id }) => _id);
  const found = await collection.find(idsAre(ids), { projection: { at: 1 } }).toArray();
  return new Map(found.map(({ _id, at }) => [_id, at]));
};

/** One id as itself: FerretDB looks up that and reads everything for the rest. */
export const idsAre = (ids: readonly string[]): { readonly _id: string | { readonly $in: string[] } } => {
  const [only] = ids;
  return { _id: ids.length === 1 && only !== undefined ? only : { $in: [...ids] } };
};

/** Returns those that somebody else inserted meanwhile. */
const insertAll = async (
  collection: Collection<StoredDocument>,
  documents: readonly StoredDocument[],
): Promise<readonly StoredDocument[]> => {
  if (documents.length === 0) return [];
  try {
    await collection.insertMany([...documents], { ordered: false });
    return [];
  } catch (error) {
    const refused = refusedInserts(error);
    if (refused === null) throw error;
    return documents.filter((_, index) => refused.has(index));
  }
};

/** Where in the batch the duplicates were; null when that is not, or not all, that went wrong. */
const refusedInserts = (error: unknown): ReadonlySet<number> | null => {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) return null;
  const errors = [error.writeErrors].flat();
  const isAll = errors.length > 0 && errors.every(({ code }) => code === duplicateKey);
  return isAll ? new Set(errors.map(({ index }) => index)) : null;
};

/** Returns all of them when one was not found: the answer does not say which. */
const replaceAll = async (
  collection: Collection<StoredDocument>,
  documents: readonly StoredDocument[],
): Promise<readonly StoredDocument[]> => {
  if (documents.length === 0) return [];
  const { matchedCount } = await collection.bulkWrite(
    documents.map((replacement) => ({
      replaceOne: { filter: { _id: replacement._id, at: { $lte: replacement.at } }, replacement },
    })),
    { ordered: false },
  );
  return matchedCount === documents.length ? [] : documents;
};
