import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeContract } from '../../api/src/suites/contract.ts';
import { describeNonsense } from '../../api/src/suites/fuzz.ts';
import { describeIsolation } from '../../api/src/suites/isolation.ts';
import { type ApiServers, startApiServers } from './testing/api-servers.ts';

let servers: ApiServers;
beforeAll(async () => {
  servers = await startApiServers();
}, 300_000);
afterAll(() => servers.stop());

const engines =
  'eight processes on Kafka, Redis, FerretDB (MongoDB’s protocol), PGlite (PostgreSQL), Versity (S3) and a server of EventStoreDB’s protocol';

describe(engines, () => {
  describe('another organisation', () => describeIsolation((more) => servers.startWorld(more)));
  describe('the contract', () => describeContract((more) => servers.startWorld(more)));
  // Each waits for several processes: fewer of them than where there is one.
  describe('nonsense', () => describeNonsense((more) => servers.startOpenWorld(more), 8));
});
