import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { runStory, tellStore } from '@partitura/shared/http/testing';
import { openMongoReadModels, type ReadModels } from '@partitura/shared/read-models';
import { silentLogger, systemClock } from '@partitura/shared/runtime';
import { startFerretDb } from '../../../../infra/native/ferretdb.ts';
import { freePort, type NativeServer } from '../../../../infra/native/program.ts';
import { projections } from '../projections.ts';
import { documentsOf, foldOfTheLog } from '../testing/documents.ts';
import { type ProjectionEngine, projectionEngine } from './engine.ts';
import { poisonReport } from './poison.ts';

interface Replica {
  readonly engine: ProjectionEngine;
  readonly readModels: ReadModels;
}

let directory: string;
let port: number;
let server: NativeServer;
let store: EventStore;
let replicas: Replica[];
let database = 0;

const startServer = async (): Promise<void> => {
  server = await startFerretDb({ directory, port });
};
/** Not `dropDatabase`: FerretDB removes the files while others write to them, which SQLite does not survive. */
const startEmptyServer = async (): Promise<void> => {
  await server.stop('SIGKILL');
  await rm(join(directory, 'data'), { recursive: true });
  await startServer();
};
const url = () => server.url.replace('/partitura', `/replicas_${database}`);

const start = async (batchSize: number): Promise<Replica> => {
  const readModels = await openMongoReadModels({ url: url(), clock: systemClock, logger: silentLogger });
  const report = poisonReport(store, systemClock, silentLogger);
  const engine = projectionEngine({
    ...{ store, readModels, clock: systemClock, logger: silentLogger, report, projections, batchSize },
    ...{ compareEveryMs: 200, retireAfterMs: 2_000 },
  });
  const replica = { engine, readModels };
  replicas.push(replica);
  await engine.start();
  return replica;
};

/** Bounded by the time of the test. */
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await systemClock.sleep(20);
};
const asText = async ({ engine, readModels }: Replica): Promise<string> =>
  JSON.stringify(await documentsOf(engine, readModels));

/** Every replica shows a fold of the log, and goes on doing so. */
const expectAFoldOfTheLog = async (): Promise<void> => {
  const head = await store.head();
  const expected = JSON.stringify(await foldOfTheLog(store));
  for (const replica of replicas) {
    await replica.engine.waitFor(head, 60_000);
    await until(async () => (await asText(replica)) === expected);
  }
  for (const { engine } of replicas) {
    await engine.fresh();
    await until(() => engine.trouble() === null);
  }
  for (const { engine, readModels } of replicas)
    expect(await documentsOf(engine, readModels)).toEqual(JSON.parse(expected));
};

/** Tells it while `trouble` happens, some events at a time, as a run does. */
const tellAround = async (runId: string, trouble: () => Promise<void>): Promise<void> => {
  const story = runStory({ runId, tasks: 6, deadLetter: true });
  const middle = Math.floor(story.length / 2);
  const tell = async (from: number, to: number): Promise<void> => {
    for (let told = from; told < to; told += 8) {
      await tellStore(store, story.slice(told, Math.min(to, told + 8)), told);
      await systemClock.sleep(10);
    }
  };
  await tell(0, middle);
  await Promise.all([trouble(), tell(middle, story.length)]);
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-ferretdb-'));
  port = await freePort();
  await startServer();
});
beforeEach(() => {
  database += 1;
  store = openSqliteEventStore({ path: ':memory:' });
  replicas = [];
});
afterEach(async () => {
  await Promise.all(replicas.map(({ engine }) => engine.stop(1_000)));
  for (const { readModels } of replicas) await readModels.close();
  await store.close();
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

describe('two instances of the projections on FerretDB 1.24, which speaks MongoDB’s wire protocol', () => {
  beforeEach(async () => {
    await Promise.all([start(16), start(5)]);
  });

  it('keep the read models at the log, and answer who waits for what he wrote', async () => {
    await tellAround('r_1', async () => {});
    await expectAFoldOfTheLog();
  });

  it('go on when the server is killed and comes back', async () => {
    await tellAround('r_1', async () => {
      await server.stop('SIGKILL');
      await systemClock.sleep(1_000);
      await startServer();
    });
    await expectAFoldOfTheLog();
  });

  it('go on when the server is stopped for 5 s', async () => {
    await tellAround('r_1', async () => {
      process.kill(server.processId, 'SIGSTOP');
      await systemClock.sleep(5_000);
      process.kill(server.processId, 'SIGCONT');
    });
    await expectAFoldOfTheLog();
  });

  it('bring everything back from the log when the server is killed and comes back empty', async () => {
    await tellAround('r_1', startEmptyServer);
    await expectAFoldOfTheLog();
    // And when nothing happens any more that would make them look.
    await startEmptyServer();
    await expectAFoldOfTheLog();
    // Twice everything is made anew, by a server that takes one request at a time: a minute beside other work.
  });

  it('switch together to what one of them was told to rebuild, also when the server is killed meanwhile', async () => {
    await tellAround('r_1', async () => {});
    const [first] = replicas;
    for (const { name } of projections) await first?.engine.rebuild(name);
    await server.stop('SIGKILL');
    await startServer();
    await until(() =>
      replicas.every(({ engine }) =>
        projections.every(({ name }) => engine.collection(name).generation === 1),
      ),
    );
    await expectAFoldOfTheLog();
    for (const { engine } of replicas) await engine.rebuilt();
  });

  it('let a third one join in the middle, and one leave', async () => {
    await tellAround('r_1', async () => {
      await start(64);
      const [leaving] = replicas.splice(0, 1);
      await leaving?.engine.stop(1_000);
      await leaving?.readModels.close();
    });
    await expectAFoldOfTheLog();
  });
});
