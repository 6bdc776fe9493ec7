import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MongoClient } from 'mongodb';
import { startFerretDb } from '../../../../../infra/native/ferretdb.ts';
import { freePort, type NativeServer } from '../../../../../infra/native/program.ts';
import { asPosition, beginning } from '../../events/index.ts';
import { isTransient } from '../../processing/transient-errors.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { isCheckpointMoved, openMongoReadModels } from '../index.ts';
import type { CollectionDefinition, Document, Query, ReadModels } from '../port.ts';
import { expectedItems } from '../testing/model.ts';
import { checkpointsIn, type StoredCheckpoint } from './checkpoints.ts';
import { putDocuments } from './guarded-writes.ts';
import { deletedDocument, documentOf, type StoredDocument, storedDocument } from './stored-document.ts';

const credentials = { username: 'partitura', password: 'a:b/c@d%e' };
const things: CollectionDefinition = {
  name: 'things',
  version: 1,
  generation: 0,
  indexes: [['owner'], ['owner', 'rank'], ['any']],
};
const at = (number: number) => asPosition(String(number).padStart(4, '0'));

let directory: string;
let port: number;
let server: NativeServer;
let client: MongoClient;
let opened: ReadModels[];
let database = 0;

const startServer = async (): Promise<void> => {
  server = await startFerretDb({ directory, port, credentials });
};
const url = (): string => server.url.replace('/partitura?', `/troubles_${database}?`);
const open = async (): Promise<ReadModels> => {
  const models = await openMongoReadModels({ url: url(), clock: systemClock, logger: silentLogger });
  opened.push(models);
  return models;
};
const stored = () => client.db(`troubles_${database}`).collection<StoredDocument>('things@1.0');
const put = (models: ReadModels, documents: readonly Document[], from: number, to: number) =>
  models.write('p', [{ collection: things, puts: documents, deletes: [] }], {
    from: from === 0 ? beginning : at(from),
    to: at(to),
  });
const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-ferretdb-'));
  port = await freePort();
  await startServer();
  client = new MongoClient(server.url);
});
beforeEach(() => {
  database += 1;
  opened = [];
});
afterEach(async () => {
  for (const models of opened) await models.close();
});
afterAll(async () => {
  await client.close();
  await server.stop();
  await rm(directory, { recursive: true });
});

describe('read models on FerretDB 1.24, which speaks MongoDB’s wire protocol', () => {
  describe('documents', () => {
    const fields = ['owner'];
    const document = (id: string, position: number, owner = `of ${position}`) =>
      storedDocument({ id, owner } as Document, at(position), fields);
    const owners = async () =>
      Object.fromEntries(
        (await stored().find().toArray()).map((each) => [each._id, each.field_owner ?? null]),
      );

    it('are not overwritten by who is behind', async () => {
      await putDocuments(stored(), [document('a', 5), document('b', 2)]);
      await putDocuments(stored(), [document('a', 3), document('b', 3), document('c', 3)]);
      expect(await owners()).toEqual({ a: 'of 5', b: 'of 3', c: 'of 3' });
    });

    it('are not brought back by who is behind', async () => {
      await putDocuments(stored(), [document('a', 1), deletedDocument('never', at(4))]);
      await putDocuments(stored(), [deletedDocument('a', at(4))]);
      await putDocuments(stored(), [document('a', 3), document('never', 3)]);
      expect((await stored().find().toArray()).map(documentOf)).toEqual([undefined, undefined]);
      await putDocuments(stored(), [document('a', 5)]);
      expect(await owners()).toEqual({ a: 'of 5', never: null });
    });

    it('are inserted by one of many who find none, and the others find out', async () => {
      const ids = ['a', 'b', 'c', 'd'];
      const all = [1, 2, 3, 4, 5, 6].map((position) =>
        putDocuments(
          stored(),
          ids.map((id) => document(id, 1, `by ${position}`)),
        ),
      );
      await Promise.all(all);
      expect(Object.keys(await owners()).sort()).toEqual(ids);
    });

    it('are all there when only some were duplicates', async () => {
      const some = Array.from({ length: 250 }, (_, index) => document(`d${index}`, 1));
      await putDocuments(
        stored(),
        some.filter((_, index) => index % 3 === 0),
      );
      await putDocuments(stored(), some);
      expect(await stored().countDocuments()).toBe(250);
    });
  });

  describe('the checkpoint', () => {
    it('goes on after a crash between documents and checkpoint, and ends the same', async () => {
      const models = await open();
      await put(models, [{ id: 'a' }], 0, 1);
      // What a crash leaves: documents of a batch whose checkpoint was never moved.
      await putDocuments(stored(), [
        storedDocument({ id: 'b' }, at(2), []),
        storedDocument({ id: 'a' }, at(2), []),
      ]);
      const second = await open();
      expect(await second.checkpoint('p')).toBe(at(1));
      await put(second, [{ id: 'a' }, { id: 'b' }], 1, 2);
      expect(await second.getMany(things, ['a', 'b'])).toEqual([{ id: 'a' }, { id: 'b' }]);
      expect(await second.checkpoint('p')).toBe(at(2));
    });

    it('of other documents is not the same, at whatever position', async () => {
      const [first, second] = [await open(), await open()];
      await put(first, [{ id: 'a' }], 0, 1);
      expect(await second.checkpoint('p')).toBe(at(1));
      await client.db(`troubles_${database}`).dropDatabase();
      await put(await open(), [{ id: 'new' }], 0, 1);
      expect(await errorOf(put(second, [{ id: 'old' }], 1, 2))).toMatchObject({ code: 'CHECKPOINT_MOVED' });
      expect(await second.getMany(things, ['old', 'new'])).toEqual([undefined, { id: 'new' }]);
      // It knows now, and goes on.
      await put(second, [{ id: 'next' }], 1, 2);
      expect(await second.checkpoint('p')).toBe(at(2));
    });

    it('that is gone is not gone on from', async () => {
      const models = await open();
      await put(models, [{ id: 'a' }], 0, 1);
      await client.db(`troubles_${database}`).dropDatabase();
      expect(await errorOf(put(models, [{ id: 'b' }], 1, 2))).toMatchObject({ code: 'CHECKPOINT_MOVED' });
      expect(await models.checkpoint('p')).toBe(beginning);
      expect(await models.count(things)).toBe(0);
    });

    it('is begun by one of several instances', async () => {
      const collection = client.db(`troubles_${database}`).collection<StoredCheckpoint>('checkpoints');
      const entered = await Promise.all(
        Array.from({ length: 8 }, () => checkpointsIn(collection).enter('p', beginning)),
      );
      expect(new Set(entered.map(({ life }) => life)).size).toBe(1);
      expect(entered.filter(({ isNew }) => isNew)).toHaveLength(1);
    });
  });

  describe('indexes', () => {
    const keysOf = async () => (await stored().indexes()).map(({ key }) => Object.keys(key).join(' ')).sort();

    it('are those that were declared, with the id last', async () => {
      await put(await open(), [{ id: 'a' }], 0, 1);
      expect(await keysOf()).toEqual([
        '_id',
        'field_any _id',
        'field_owner _id',
        'field_owner field_rank _id',
      ]);
    });

    it('are there again after the database was emptied', async () => {
      const models = await open();
      await put(models, [{ id: 'a' }], 0, 1);
      await client.db(`troubles_${database}`).dropDatabase();
      await errorOf(put(models, [{ id: 'b' }], 1, 2));
      await put(models, [{ id: 'b' }], 0, 1);
      expect(await keysOf()).toHaveLength(4);
    });

    it('may be made by many at once, and again when one was added', async () => {
      const all = await Promise.all([open(), open(), open()]);
      await Promise.all(all.map((models) => models.activate(things)));
      const more = { ...things, indexes: [...things.indexes, ['rank']] };
      await (await open()).find(more, { sort: { field: 'rank', direction: 'ascending' }, limit: 1 });
      expect(await keysOf()).toHaveLength(5);
    });
  });

  it('sort null, numbers and text of one field as the port says, from any place', async () => {
    const models = await open();
    const value = fc.oneof(
      fc.constant(null),
      fc.integer({ min: -2, max: 3 }),
      fc.constantFrom('', 'a', 'B', 'é', '😀'),
    );
    const order = fc.record({
      direction: fc.constantFrom('ascending' as const, 'descending' as const),
      from: fc.constantFrom(undefined, '', 'a'),
      to: fc.constantFrom(undefined, 'a', 'é'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 12 }), order, async (values, { direction, from, to }) => {
        const documents = values.map((any, index) => ({ id: `d${index}`, any }));
        await models.drop('p', [things]);
        await put(models, documents, 0, 1);
        const between = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
        const query: Query = { sort: { field: 'any', direction }, between, limit: 2 };
        const found: Document[] = [];
        let page = await models.find(things, query);
        found.push(...page.items);
        while (page.nextCursor !== null) {
          page = await models.find(things, { ...query, cursor: page.nextCursor });
          found.push(...page.items);
        }
        expect(found).toEqual(expectedItems(documents, query));
      }),
      { numRuns: 60 },
    );
  });

  it('keep keys that BSON would not have', async () => {
    const models = await open();
    const odd = JSON.parse('{"id":"a","a.b":{"$set":1,"__proto__":2,"":[[1],[]]},"text":"\\u0000\\ud800"}');
    await put(models, [odd], 0, 1);
    expect(await models.getMany(things, ['a'])).toEqual([odd]);
  });

  describe('a start', () => {
    it.each<readonly [string, (url: URL) => void]>([
      [
        'a wrong password',
        (given) => {
          given.password = 'wrong';
        },
      ],
      [
        'an unknown user',
        (given) => {
          given.username = 'nobody';
        },
      ],
      [
        'no credentials',
        (given) => {
          given.username = '';
          given.password = '';
          given.search = '';
        },
      ],
    ])('with %s is refused at once', async (_, change) => {
      const wrong = new URL(url());
      change(wrong);
      const error = await errorOf(
        openMongoReadModels({ url: wrong.href, clock: systemClock, startTimeoutMs: 600_000 }),
      );
      expect(error).toMatchObject({
        code: 'READ_MODELS_CREDENTIALS_REFUSED',
        message: expect.stringContaining('MongoDB'),
        advice: expect.stringContaining('PARTITURA_READ_MODELS_URL'),
      });
      expect(JSON.stringify(error) + String(error)).not.toContain(credentials.password);
    });

    it('waits for a server that comes later', async () => {
      await server.stop('SIGKILL');
      const lines: unknown[] = [];
      const logger = { ...silentLogger, info: (...line: readonly unknown[]) => lines.push(line) };
      const opening = openMongoReadModels({ url: url(), clock: systemClock, logger });
      while (lines.length === 0) await systemClock.sleep(20);
      await startServer();
      opened.push(await opening);
      expect(lines).toHaveLength(1);
    });
  });

  describe('a server that goes away', () => {
    it('killed under writes: what was acknowledged is there, what failed says that it may be tried again', async () => {
      const models = await open();
      let acknowledged = 0;
      let isOver = false;
      const failures: unknown[] = [];
      /** True when it is there: also when the server had it and could not say so any more. */
      const writes = async (step: number): Promise<boolean> => {
        const documents = [{ id: `d${step}` }, { id: 'same', owner: `${step}` } as Document];
        const error = await errorOf(put(models, documents, step - 1, step));
        if (isCheckpointMoved(error)) return (await models.checkpoint('p')) === at(step);
        if (error !== null) failures.push(error);
        return error === null;
      };
      const writing = (async () => {
        while (!isOver) if (await writes(acknowledged + 1)) acknowledged += 1;
      })();
      while (acknowledged < 3) await systemClock.sleep(5);
      await server.stop('SIGKILL');
      while (failures.length === 0) await systemClock.sleep(5);
      await startServer();
      const before = acknowledged;
      while (acknowledged < before + 3) await systemClock.sleep(5);
      isOver = true;
      await writing;
      expect(failures.filter((error) => !isTransient(error))).toEqual([]);
      expect(await models.checkpoint('p')).toBe(at(acknowledged));
      expect(await models.count(things)).toBe(acknowledged + 1);
      expect(await models.getMany(things, ['same'])).toEqual([{ id: 'same', owner: `${acknowledged}` }]);
    });

    it('stopped for 5 s: it costs nothing but time', async () => {
      const models = await open();
      await put(models, [{ id: 'a' }], 0, 1);
      process.kill(server.processId, 'SIGSTOP');
      const waiting = Promise.all([put(models, [{ id: 'b' }], 1, 2), models.getMany(things, ['a'])]);
      await systemClock.sleep(5_000);
      process.kill(server.processId, 'SIGCONT');
      await waiting;
      expect(await models.count(things)).toBe(2);
    });

    it('for longer than anybody waits: an error that says so, and no spinning', async () => {
      const models = await open();
      await server.stop('SIGKILL');
      const error = await errorOf(put(models, [{ id: 'a' }], 0, 1));
      expect(error).toMatchObject({ code: 'READ_MODELS_UNREACHABLE' });
      expect(isTransient(error)).toBe(true);
      await startServer();
    });
  });

  it('say so when they are closed', async () => {
    const models = await open();
    await models.close();
    await models.close();
    await expect(models.checkpoint('p')).rejects.toMatchObject({ code: 'READ_MODELS_CLOSED' });
  });
});
