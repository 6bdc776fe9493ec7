import type { Collection } from 'mongodb';
import { silentLogger } from '../../runtime/index.ts';
import type { Build, CollectionDefinition, ProjectionWrite, ReadModels } from '../port.ts';
import { planCount, planQuery, writeCursor } from '../query-plan.ts';
import { mongoAddress } from './address.ts';
import { checkpointsIn, type StoredCheckpoint } from './checkpoints.ts';
import { connected } from './connection.ts';
import { asReadModelsError, ReadModelsError } from './errors.ts';
import { idsAre, putDocuments } from './guarded-writes.ts';
import { createIndexes } from './indexes.ts';
import type { MongoReadModelsOptions } from './options.ts';
import { selectCount, selectPage } from './selection.ts';
import {
  collectionName,
  deletedDocument,
  documentOf,
  fieldName,
  indexedFields,
  type StoredDocument,
  storedDocument,
} from './stored-document.ts';
import { inTurn } from './turns.ts';

const defaultStartTimeoutMs = 60_000;

interface StoredBuild extends Build {
  readonly _id: string;
}

/** How it keeps its promises without transactions stands in the README beside this file. */
export const connectReadModels = async (options: MongoReadModelsOptions): Promise<ReadModels> => {
  const { clock, logger = silentLogger, startTimeoutMs = defaultStartTimeoutMs } = options;
  const address = mongoAddress(options.url);
  const client = await connected(address, { clock, logger, startTimeoutMs });
  const database = client.db(address.database);
  const checkpoints = checkpointsIn(database.collection<StoredCheckpoint>('checkpoints'));
  const activeBuilds = database.collection<StoredBuild>('active_builds');
  const indexed = new Map<string, Promise<void>>();
  const turns = inTurn();
  let closed = false;

  const asking = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    if (closed)
      throw new ReadModelsError('READ_MODELS_CLOSED', `The read models at ${address.where} are closed.`);
    try {
      return await ask();
    } catch (error) {
      throw asReadModelsError(address.where, error);
    }
  };

  const collectionOf = (definition: CollectionDefinition): Collection<StoredDocument> =>
    database.collection(collectionName(definition));

  /** Once per process and collection, before it is used: a definition that gained an index gets it here. */
  const ensure = (definition: CollectionDefinition): Promise<void> => {
    const name = collectionName(definition);
    const made = indexed.get(name) ?? createIndexes(database, definition);
    indexed.set(name, made);
    made.catch(() => indexed.delete(name));
    return made;
  };

  const putAll = async (writes: readonly ProjectionWrite[], at: string): Promise<void> => {
    for (const { collection, puts, deletes } of writes) {
      const fields = indexedFields(collection);
      const wanted = new Map(puts.map((put) => [put.id, storedDocument(put, at, fields)]));
      for (const id of deletes) wanted.set(id, deletedDocument(id, at));
      await putDocuments(collectionOf(collection), [...wanted.values()]);
    }
  };

  const write: ReadModels['write'] = async (projection, writes, { from, to }) => {
    const { life, isNew } = await checkpoints.enter(projection, from).catch((error: unknown) => {
      // Whoever changed it may have emptied the database: without the indexes that were known to be there.
      indexed.clear();
      throw error;
    });
    if (isNew) indexed.clear();
    for (const { collection } of writes) await ensure(collection);
    await putAll(writes, to);
    if (from !== to) await checkpoints.move(projection, life, from, to);
  };

  return {
    write: (projection, writes, checkpoint) =>
      turns.take(projection, () => asking(() => write(projection, writes, checkpoint))),
    checkpoint: (projection) => asking(() => checkpoints.positionOf(projection)),
    getMany: (definition, ids) =>
      asking(async () => {
        if (ids.length === 0) return [];
        const found = await collectionOf(definition)
          .find(idsAre(ids), { projection: { document: 1 } })
          .toArray();
        const byId = new Map(found.map((stored) => [stored._id, stored]));
        return ids.map((id) => documentOf(byId.get(id)));
      }),
    find: (definition, query) =>
      asking(async () => {
        const plan = planQuery(definition, query);
        await ensure(definition);
        const { filter, sort } = selectPage(plan);
        const field = fieldName(plan.sortField);
        const found = await collectionOf(definition)
          .find(filter, { projection: { document: 1, [field]: 1 }, sort, limit: plan.limit + 1 })
          .toArray();
        const page = found.slice(0, plan.limit);
        const last = page.at(-1);
        const value = last === undefined || field === '_id' ? null : (last[field] ?? null);
        return {
          items: page.map(documentOf).filter((document) => document !== undefined),
          nextCursor:
            last && found.length > plan.limit ? writeCursor(plan.fingerprint, { value, id: last._id }) : null,
        };
      }),
    count: (definition, where) =>
      asking(async () => {
        const conditions = planCount(definition, where);
        await ensure(definition);
        return collectionOf(definition).countDocuments(selectCount(conditions));
      }),
    drop: (projection, definitions) =>
      turns.take(projection, () =>
        asking(async () => {
          await checkpoints.remove(projection);
          for (const definition of definitions) {
            indexed.delete(collectionName(definition));
            await collectionOf(definition).drop();
          }
          // Once more: one that another instance set meanwhile would speak of documents that went with the collection.
          await checkpoints.remove(projection);
        }),
      ),
    activate: (definition) =>
      asking(async () => {
        await ensure(definition);
        const { name, version, generation } = definition;
        const set = () =>
          activeBuilds.updateOne({ _id: name }, { $set: { version, generation } }, { upsert: true });
        // Two upserts at once: the one that lost finds the other's document the second time.
        await set().catch((error: unknown) => {
          if (Error.isError(error) && 'code' in error && error.code === 11_000) return set();
          throw error;
        });
      }),
    activeBuild: (name) =>
      asking(async () => {
        const active = await activeBuilds.findOne({ _id: name });
        return active && { version: Number(active.version), generation: Number(active.generation) };
      }),
    close: async () => {
      if (closed) return;
      closed = true;
      await turns.done();
      await client.close();
    },
  };
};
