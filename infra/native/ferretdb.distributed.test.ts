import { once } from 'node:events';
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { startFerretDb } from './ferretdb.ts';
import { socketFile } from './ferretdb-socket.ts';
import { portOf, type RestartableServer, restartable } from './restartable.ts';

interface Counter {
  readonly _id: string;
  readonly count: number;
}

let directory: string;
let server: RestartableServer;
let clients: MongoClient[] = [];

const opened = (url: string): MongoClient => {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 20_000 });
  clients.push(client);
  return client;
};
const eight = (url: string) =>
  Array.from({ length: 8 }, () => opened(url).db('counters').collection<Counter>('counters'));
const clientOf = () =>
  opened(server.url).db('things').collection<{ readonly _id: string; text?: string }>('things');
/** Past the process in front: what FerretDB does by itself. */
const unguarded = () => `mongodb://${encodeURIComponent(join(directory, socketFile))}`;

/** What works in the directory. */
const processesThere = async (): Promise<readonly number[]> => {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const works = await readlink(`/proc/${name}/cwd`).catch(() => '');
    if (works === directory) found.push(Number(name));
  }
  return found;
};

/** Bounded by the time of the test. */
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(10);
};

/** How far 8 clients come who each add 1 for 40 times. */
const incremented = async (url: string, id: string): Promise<number> => {
  const all = eight(url);
  await all[0]?.insertOne({ _id: id, count: 0 });
  const increments = all.map(async (counters) => {
    for (let times = 0; times < 40; times += 1)
      await counters.updateOne({ _id: id, count: { $gte: 0 } }, { $inc: { count: 1 } });
  });
  await Promise.all(increments);
  return (await all[0]?.findOne({ _id: id }))?.count ?? 0;
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-ferretdb-'));
  server = await restartable((port) => startFerretDb({ directory, ...(port === undefined ? {} : { port }) }));
});
afterEach(async () => {
  for (const client of clients) await client.close();
  clients = [];
});
afterAll(async () => {
  await server.stop();
  expect(await processesThere()).toEqual([]);
  await rm(directory, { recursive: true });
});

describe('FerretDB 1.24 on SQLite, given one request at a time', () => {
  it('loses no increment of 8 clients', async () => {
    expect(await incremented(server.url, 'guarded')).toBe(320);
  });

  it('would lose most of them otherwise', async () => {
    expect(await incremented(unguarded(), 'unguarded')).toBeLessThan(320);
  });

  it('lets one of 8 clients win who compare and set', async () => {
    const all = eight(server.url);
    await all[0]?.insertOne({ _id: 'compared', count: 0 });
    const winners = await Promise.all(
      all.map(async (counters) => {
        let won = 0;
        for (let count = 0; count < 30; count += 1) {
          const { matchedCount } = await counters.updateOne(
            { _id: 'compared', count },
            { $inc: { count: 1 } },
          );
          won += matchedCount;
        }
        return won;
      }),
    );
    const { count } = (await all[0]?.findOne({ _id: 'compared' })) ?? { count: 0 };
    expect(winners.reduce((sum, won) => sum + won, 0)).toBe(count);
    expect(count).toBeGreaterThan(0);
  });

  it('does not wait for clients that go away in the middle', async () => {
    const half = connect(portOf(server.url), '127.0.0.1');
    await once(half, 'connect');
    half.write(Buffer.from([200, 0, 0, 0, 1, 0, 0]));
    const leaving = Array.from({ length: 6 }, () => clientOf());
    await Promise.all(leaving.map((things, index) => things.insertOne({ _id: `leaving ${index}` })));
    const left = leaving.map((things) => things.find({ text: 'none' }).toArray());
    const outcomes = Promise.allSettled(left);
    for (const client of clients) await client.close(true);
    await outcomes;
    expect(await clientOf().countDocuments({ _id: /^leaving/ })).toBe(6);
    half.destroy();
  });

  it('hangs up on who speaks another protocol', async () => {
    const stranger = connect(portOf(server.url), '127.0.0.1');
    const hungUp = once(stranger, 'close');
    stranger.write('GET / HTTP/1.1\r\n\r\n');
    await hungUp;
    expect(await clientOf().countDocuments({ _id: 'nobody' })).toBe(0);
  });

  it('takes and gives huge messages', async () => {
    const things = clientOf();
    const texts = ['a', 'b', 'c'].map((letter) => ({ _id: letter, text: letter.repeat(2_000_000) }));
    await things.insertMany(texts);
    expect(await things.find({ _id: { $in: ['a', 'b', 'c'] } }).toArray()).toEqual(texts);
    await things.deleteMany({});
  });

  it('changes more documents in one request than it has connections to SQLite', async () => {
    const things = clientOf();
    const ids = Array.from({ length: 250 }, (_, index) => `many-${index}`);
    await things.insertMany(ids.map((_id) => ({ _id, count: 0 })));
    const changes = ids.map((_id) => ({ updateOne: { filter: { _id }, update: { $set: { count: 1 } } } }));
    expect((await things.bulkWrite(changes)).modifiedCount).toBe(ids.length);
    expect(await things.countDocuments({ _id: { $in: ids }, count: 1 })).toBe(ids.length);
  });

  it('does what is asked without an answer, and gives none', async () => {
    const things = opened(server.url).db('things').collection<{ readonly _id: string }>('unanswered');
    for (let number = 0; number < 5; number += 1)
      await things.insertOne({ _id: `${number}` }, { writeConcern: { w: 0 } });
    await until(async () => (await things.countDocuments()) === 5);
  });

  it('drops a database under writers', async () => {
    const all = eight(server.url);
    let isOver = false;
    const writing = all.map(async (counters, writer) => {
      for (let number = 0; !isOver; number += 1)
        await counters.insertOne({ _id: `${writer} ${number}`, count: number });
    });
    const dropping = opened(server.url).db('counters');
    for (let times = 0; times < 5; times += 1) {
      await sleep(50);
      await dropping.dropDatabase();
    }
    isOver = true;
    await Promise.all(writing);
    await dropping.dropDatabase();
    expect(await dropping.collection('counters').countDocuments()).toBe(0);
  });

  it('stands still when it is stopped, and goes on', async () => {
    const things = clientOf();
    await things.insertOne({ _id: 'before' });
    server.pause();
    const outcome = things.insertOne({ _id: 'meanwhile' });
    const first = await Promise.race([outcome.then(() => 'answered'), sleep(1_000, 'silent')]);
    server.resume();
    await outcome;
    expect(first).toBe('silent');
    expect(await things.countDocuments({ _id: 'meanwhile' })).toBe(1);
  });

  it('is gone with all that belongs to it when it is killed, and comes back with what it had', async () => {
    const things = clientOf();
    await things.insertOne({ _id: 'kept' });
    expect(await processesThere()).toHaveLength(2);
    await server.kill();
    expect(await processesThere()).toEqual([]);
    await server.start();
    expect(await things.countDocuments({ _id: 'kept' })).toBe(1);
  });

  it('ends when FerretDB does', async () => {
    const things = clientOf();
    await things.insertOne({ _id: 'last' });
    const [ferretDb] = (await processesThere()).filter((id) => id !== server.processId);
    process.kill(ferretDb ?? 0, 'SIGKILL');
    await until(async () => (await processesThere()).length === 0);
    await server.kill();
    await server.start();
    expect(await things.countDocuments({ _id: 'last' })).toBe(1);
  });
});
