import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { startFerretDb } from '../../../../../infra/native/ferretdb.ts';
import type { NativeServer } from '../../../../../infra/native/program.ts';
import { systemClock } from '../../runtime/index.ts';
import { openMongoReadModels } from '../index.ts';
import { readModelsContract } from '../testing/index.ts';

let directory: string;
let server: NativeServer;
let client: MongoClient;
let databases = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-ferretdb-'));
  server = await startFerretDb({ directory });
  client = new MongoClient(server.url);
});

afterAll(async () => {
  await client.close();
  await server.stop();
  await rm(directory, { recursive: true });
});

describe('on FerretDB 1.24, which speaks MongoDB’s wire protocol', () => {
  readModelsContract('MongoDB', async () => {
    databases += 1;
    const name = `contract_${databases}`;
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    return {
      open: () => openMongoReadModels({ url: url.href, clock: systemClock }),
      remove: async () => {
        await client.db(name).dropDatabase();
      },
    };
  });
});
