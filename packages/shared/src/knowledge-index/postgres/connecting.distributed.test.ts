import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startPostgres } from '../../../../../infra/native/postgres.ts';
import { freePort } from '../../../../../infra/native/program.ts';
import { type RestartableServer, restartable } from '../../../../../infra/native/restartable.ts';
import { type Logger, silentLogger, systemClock } from '../../runtime/index.ts';
import { openPostgresKnowledgeIndex } from '../index.ts';
import { testEmbedder } from '../testing/index.ts';
import { type Connection, connection } from './connection.ts';
import { patience } from './patience.ts';
import { postgresAddress } from './postgres-url.ts';

/** Debian 12 has PostgreSQL 15 without pgvector: what comes before the index can be tried on it, not the index. */
describe('connecting to the system’s PostgreSQL, which has no pgvector', () => {
  const password = 'p@ss:w/rd?';
  let directory: string;
  let server: RestartableServer;
  let connections: Connection[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'partitura-postgres-'));
    server = await restartable((port) =>
      startPostgres({
        directory,
        password,
        settings: { max_connections: '10', superuser_reserved_connections: '3' },
        ...(port === undefined ? {} : { port }),
      }),
    );
    await sql('create database knowledge');
    await sql('create role stranger login');
    await sql(`create role guest login password 'guest'`);
  });
  afterEach(async () => {
    await Promise.all(connections.map((each) => each.close()));
    connections = [];
  });
  afterAll(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });

  const sql = async (text: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client(server.url);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  };

  const url = (
    changes: { user?: string; password?: string; database?: string; query?: string } = {},
  ): string => {
    const changed = new URL(server.url);
    if (changes.user !== undefined) changed.username = changes.user;
    if (changes.password !== undefined) changed.password = changes.password;
    changed.pathname = `/${changes.database ?? 'knowledge'}`;
    changed.search = changes.query ?? '';
    return changed.href;
  };

  const open = (to: string, startTimeoutMs = 5_000, logger: Logger = silentLogger) =>
    openPostgresKnowledgeIndex({
      url: to,
      embedder: testEmbedder,
      clock: systemClock,
      startTimeoutMs,
      logger,
    });

  /** Refused at once: nothing is waited for. */
  const refusal = async (to: string): Promise<unknown> => open(to, 600_000).catch((error: unknown) => error);

  const lines = (): { logger: Logger; said: string[] } => {
    const said: string[] = [];
    const say = (_: object, message: string): void => void said.push(message);
    const logger: Logger = { debug: () => {}, info: say, warn: say, error: say, child: () => logger };
    return { logger, said };
  };

  it('says that pgvector is missing, and where to get it', async () => {
    expect(await refusal(url())).toMatchObject({
      code: 'KNOWLEDGE_EXTENSION_MISSING',
      message: expect.stringContaining('has no pgvector: the extension "vector" is not available'),
      advice: expect.stringContaining('Install pgvector 0.8 or newer'),
    });
    expect(await sql('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it.each([
    ['a wrong password', { password: 'secret' }, 'KNOWLEDGE_CREDENTIALS_REFUSED'],
    ['no password', { password: '' }, 'KNOWLEDGE_CREDENTIALS_REFUSED'],
    ['a user that is not known', { user: 'nobody', password: 'secret' }, 'KNOWLEDGE_CREDENTIALS_REFUSED'],
    ['a user without a password', { user: 'stranger', password: 'secret' }, 'KNOWLEDGE_CREDENTIALS_REFUSED'],
    ['a database that is not there', { database: 'elsewhere' }, 'KNOWLEDGE_DATABASE_MISSING'],
    ['TLS where there is none', { query: '?sslmode=verify-full' }, 'KNOWLEDGE_TLS_FAILED'],
  ])('refuses %s at once, without repeating a password', async (_, changes, code) => {
    const error = await refusal(url(changes));
    expect(error).toMatchObject({
      code,
      message: expect.stringContaining(`PostgreSQL at 127.0.0.1:${new URL(server.url).port}`),
      advice: expect.stringContaining('PARTITURA_KNOWLEDGE_URL'),
    });
    expect(String(error)).not.toMatch(/secret|p@ss|p%40ss/);
  });

  it('says which right is missing, and who can give it', async () => {
    await sql('revoke create on database knowledge from public');
    const guest = connected(url({ user: 'guest', password: 'guest' }));
    const failure: unknown = await guest.ask('create schema of_guests').catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'KNOWLEDGE_RIGHTS_MISSING',
      message: expect.stringContaining('permission denied for database knowledge'),
      advice: expect.stringContaining('create extension if not exists vector'),
    });
  });

  it('waits for a server that starts later, and says so in one line', async () => {
    await server.kill();
    const { logger, said } = lines();
    const opened = open(url(), 60_000, logger).catch((error: unknown) => error);
    while (said.length === 0) await new Promise(setImmediate);
    await server.start();
    expect(await opened).toMatchObject({ code: 'KNOWLEDGE_EXTENSION_MISSING' });
    expect(said).toEqual([`waiting for PostgreSQL at 127.0.0.1:${new URL(server.url).port}/knowledge`]);
  });

  it('gives up when nobody is there', async () => {
    const nowhere = `postgres://user:secret@127.0.0.1:${await freePort()}/knowledge`;
    const error: unknown = await open(nowhere, 200).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'KNOWLEDGE_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
      advice: expect.stringContaining('Start PostgreSQL'),
    });
    expect(String(error)).not.toContain('secret');
  });

  /** The pool and its patience, without the index. */
  const connected = (to: string, size = 4) => {
    const options = { clock: systemClock, logger: silentLogger };
    const address = postgresAddress(to);
    const pool = connection({ ...options, address, connections: size });
    connections.push(pool);
    const patiently = patience({ ...options, where: address.where });
    return { ask: (text: string) => patiently(() => pool.query(text), 30_000), pool };
  };

  it.each([
    ['killed', () => server.kill()],
    ['shut down', () => server.stop()],
  ])('answers all that is asked while the server is %s and started again', async (_, end) => {
    const { ask } = connected(url());
    let asking = true;
    const answers: number[] = [];
    const askOn = async (): Promise<void> => {
      while (asking) {
        const [row] = await ask('select 1 as one from pg_sleep(0.001)');
        answers.push(Number(row?.one));
      }
    };
    const all = Promise.all(Array.from({ length: 12 }, askOn));
    for (let round = 0; round < 2; round += 1) {
      const before = answers.length;
      while (answers.length < before + 50) await new Promise(setImmediate);
      await end();
      await server.start();
    }
    const after = answers.length;
    while (answers.length < after + 50) await new Promise(setImmediate);
    asking = false;
    await all;
    expect(new Set(answers)).toEqual(new Set([1]));
  });

  it('waits for its turn where the server has no connection left', async () => {
    await sql('grant connect on database knowledge to guest');
    const guest = url({ user: 'guest', password: 'guest' });
    const hoarders = Array.from({ length: 7 }, () => new pg.Client(guest));
    await Promise.all(hoarders.map((each) => each.connect()));
    const asked = connected(guest).ask('select 1 as one');
    let answered = false;
    void asked.then(() => (answered = true));
    await expect(connected(guest).pool.query('select 1')).rejects.toMatchObject({ code: '53300' });
    expect(answered).toBe(false);
    await Promise.all(hoarders.map((each) => each.end()));
    expect(await asked).toEqual([{ one: 1 }]);
  });
});
