import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPostgres } from '../../../../../infra/native/postgres.ts';
import type { NativeServer } from '../../../../../infra/native/program.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { testNode } from '../testing/index.ts';
import { type Connection, connection } from './connection.ts';
import { postgresAddress } from './postgres-url.ts';
import { changeParameters } from './rows.ts';
import { statements } from './statements.ts';

/** PGlite does one thing at a time. What a write and a clearing lock has to be tried where sessions really run beside each other. */
describe('the statements that write, on the system’s PostgreSQL with a text in the place of pgvector’s type', () => {
  const sql = statements('partitura', 3);
  let directory: string;
  let server: NativeServer;
  let database: Connection;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'partitura-postgres-'));
    server = await startPostgres({ directory });
    const address = postgresAddress(server.url);
    database = connection({ address, clock: systemClock, logger: silentLogger, connections: 16 });
    await database.query('create schema partitura; create domain vector as text');
    for (const { text } of sql.migrations) await database.query(text);
    const findings = sql.createFindings
      .replace('vector(3)', 'vector')
      .replace(/create index .* using hnsw .*;/, '');
    await database.query(findings);
    await database.query(`update partitura.state set embedder = 'e'`);
  });
  afterAll(async () => {
    await database.close();
    await server.stop();
    await rm(directory, { recursive: true });
  });

  const checkpoint = async (): Promise<string> => {
    const [state] = await database.query('select checkpoint from partitura.state');
    return String(state?.checkpoint);
  };
  const write = async (from: string, to: string, nodeId: string): Promise<boolean> => {
    const nodes = [testNode(nodeId), testNode('shared', { content: nodeId })];
    const edges = [{ from: nodeId, to: 'shared', relation: 'refines' }];
    const [result] = await database.query(sql.write, [
      from,
      to,
      'e',
      ...changeParameters({ nodes, edges }, 3),
    ]);
    return result?.moved === true;
  };

  it('let one of many win each batch, and nothing of the others in', async () => {
    for (let round = 0; round < 30; round += 1) {
      const from = await checkpoint();
      const writers = Array.from({ length: 12 }, (_, which) =>
        write(from, `${round + 1}`, `${round}.${which}`),
      );
      expect((await Promise.all(writers)).filter((won) => won)).toHaveLength(1);
    }
    const counts = await database.query(
      `select (select count(*)::int from partitura.nodes) as nodes, (select count(*)::int from partitura.findings) as findings,
         (select count(*)::int from partitura.edges) as edges`,
    );
    expect(counts).toEqual([{ nodes: 31, findings: 31, edges: 30 }]);
  });

  it('never wait for each other in a circle, with readers and clearing beside them', async () => {
    const turns = Array.from({ length: 40 }, (_, turn) => turn);
    const writing = async (which: number): Promise<void> => {
      for (const turn of turns) await write(await checkpoint(), `${which}.${turn}`, `${which}.${turn}`);
    };
    const clearing = async (): Promise<void> => {
      for (const _ of turns) await database.query(sql.clear);
    };
    const reading = async (): Promise<void> => {
      for (const turn of turns)
        await database.query(sql.traverse, ['shared', 2, turn % 2 === 0 ? null : 'acme']);
    };
    await Promise.all([
      ...Array.from({ length: 6 }, (_, which) => writing(which)),
      ...Array.from({ length: 3 }, clearing),
      ...Array.from({ length: 3 }, reading),
    ]);
    await database.query(sql.clear);
    expect(await checkpoint()).toBe('');
    expect(await database.query('select node_id from partitura.findings')).toEqual([]);
  });
});
