import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { startPostgres } from '../../../../infra/native/postgres.ts';
import type { NativeServer } from '../../../../infra/native/program.ts';
import { asOrganizationId } from '../events/index.ts';
import { silentLogger, systemClock } from '../runtime/index.ts';
import { keyBox } from './key-box.ts';
import { keyRing } from './key-ring.ts';
import type { SubjectKeyStore } from './port.ts';
import { openPostgresSubjectKeys } from './postgres-store.ts';
import { subjectKeysContract } from './testing/subject-keys-contract.ts';

let directory: string;
let server: NativeServer;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-keys-'));
  server = await startPostgres({ directory });
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

const open = () =>
  openPostgresSubjectKeys({
    url: server.url,
    clock: systemClock,
    logger: silentLogger,
    startTimeoutMs: 10_000,
  });
const empty = async (): Promise<void> => {
  const client = new pg.Client(server.url);
  await client.connect();
  await client.query('drop schema if exists partitura_subjects cascade');
  await client.end();
};

subjectKeysContract('PostgreSQL', async () => {
  await empty();
  const opened: SubjectKeyStore[] = await Promise.all([open(), open()]);
  const [store = await open()] = opened;
  return {
    store,
    another: async () => {
      const other = await open();
      opened.push(other);
      return other;
    },
    close: async () => {
      await Promise.all(opened.map((one) => one.close()));
    },
  };
});

it('a process hears of what another one declares and erases', async () => {
  await empty();
  const box = keyBox({ current: 'k'.repeat(64), previous: null });
  const stores = [await open(), await open()] as const;
  const rings = [keyRing(), keyRing()] as const;
  await rings[0].attach(stores[0], box);
  await rings[1].attach(stores[1], box);
  const organizationId = asOrganizationId('acme');
  await rings[0].declare({
    id: 'sub_0123456789ab',
    organizationId,
    key: new Uint8Array(32).fill(7),
    identifiers: ['Ada Lovelace'],
    label: null,
    declaredAt: '2026-01-01T00:00:00.000Z',
  });
  await rings[1].refresh();
  const sealed = rings[1].sealer(organizationId).sealText('Dear Ada Lovelace');
  expect(rings[0].sealer(organizationId).openText(sealed)).toBe('Dear Ada Lovelace');
  await rings[1].erase('sub_0123456789ab', '2026-02-01T00:00:00.000Z');
  await rings[0].refresh();
  expect(rings[0].sealer(organizationId).openText(sealed)).toBe('Dear [erased]');
  await Promise.all(stores.map((store) => store.close()));
});
