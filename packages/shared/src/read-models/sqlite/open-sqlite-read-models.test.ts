import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import type { CollectionDefinition, Query } from '../port.ts';
import { type Cursor, planQuery } from '../query-plan.ts';
import { readModelsContract } from '../testing/index.ts';
import { openSqliteReadModels } from './open-sqlite-read-models.ts';
import { selectPage } from './selection.ts';
import { createTable } from './tables.ts';

readModelsContract('SQLite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'read-models-'));
  return {
    open: async () => openSqliteReadModels({ path: join(directory, 'read-models.db') }),
    remove: () => rm(directory, { recursive: true }),
  };
});

const inDirectory = async (work: (path: string) => Promise<void>): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'read-models-'));
  try {
    await work(join(directory, 'read-models.db'));
  } finally {
    await rm(directory, { recursive: true });
  }
};

describe('SQLite read models', () => {
  it('refuse a file that is something else, and leave it alone', () =>
    inDirectory(async (path) => {
      await writeFile(path, 'This is a text, and it is not a database of any kind.'.repeat(20));
      expect(() => openSqliteReadModels({ path })).toThrow(
        expect.objectContaining({ code: 'READ_MODELS_UNUSABLE' }),
      );
    }));

  it('refuse a database of another program', () =>
    inDirectory(async (path) => {
      const database = new DatabaseSync(path);
      database.exec('CREATE TABLE mine (x)');
      database.close();
      expect(() => openSqliteReadModels({ path })).toThrow(
        expect.objectContaining({ code: 'READ_MODELS_UNUSABLE' }),
      );
    }));

  it('use an index for what they find, and sort nothing', () =>
    inDirectory(async (path) => {
      const models = openSqliteReadModels({ path });
      const collection = { name: 'tasks', version: 1, generation: 0, indexes: [['runId', 'addedAt']] };
      await models.find(collection, {
        where: { runId: 'r' },
        sort: { field: 'addedAt', direction: 'descending' },
        limit: 1,
      });
      await models.close();
      const database = new DatabaseSync(path);
      const plan = database
        .prepare(
          'EXPLAIN QUERY PLAN SELECT document FROM "tasks@1.0" WHERE "field_runId" IS ? ORDER BY "field_addedAt" DESC, id DESC',
        )
        .all('r')
        .map(({ detail }) => String(detail));
      database.close();
      expect(plan).toEqual([
        expect.stringContaining('USING INDEX "tasks@1.0 by runId, addedAt"'.replaceAll('"', '')),
      ]);
    }));

  const tasks = { name: 'tasks', version: 1, generation: 0, indexes: [['runId', 'addedAt']] };
  const events = {
    name: 'events',
    version: 1,
    generation: 0,
    indexes: [
      ['runId', 'id', 'time'],
      ['runId', 'type', 'id', 'time'],
    ],
  };
  /** How SQLite reads a page, where it does not only put together what it has read. */
  const readingOf = (
    collection: CollectionDefinition,
    query: Query,
    after: Cursor | null,
  ): readonly string[] => {
    const database = new DatabaseSync(':memory:');
    createTable(database, collection);
    const { sql, values } = selectPage(collection, { ...planQuery(collection, query), after });
    const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
    database.close();
    return steps
      .map(({ detail }) => String(detail))
      .filter((step) => step.startsWith('S') && step.includes('@') && !step.includes('PRIMARY KEY (id=?)'));
  };

  it.each([
    ['ascending', ['INDEX tasks@1.0 by runId, addedAt (field_runId=? AND (field_addedAt,id)>(?,?))']],
    [
      'descending',
      [
        'COVERING INDEX tasks@1.0 by runId, addedAt (field_runId=? AND (field_addedAt,id)<(?,?))',
        'COVERING INDEX tasks@1.0 by runId, addedAt (field_runId=? AND field_addedAt=?)',
      ],
    ],
  ] as const)('begin to read where the page before ended: %s', (direction, ranges) => {
    const query: Query = { where: { runId: 'r' }, sort: { field: 'addedAt', direction }, limit: 50 };
    expect(readingOf(tasks, query, { value: '0001', id: 'r.T1' })).toEqual(
      ranges.map((range) => `SEARCH tasks@1.0 USING ${range}`),
    );
  });

  it('look no document up for what is passed over, and read each of several values in its own stretch', () => {
    const query: Query = {
      where: { runId: 'r', type: ['a', 'b', 'a'] },
      within: { time: { from: '2026' } },
      limit: 50,
    };
    const stretch =
      'COVERING INDEX events@1.0 by runId, type, id, time (field_runId=? AND field_type=? AND id>?)';
    expect(readingOf(events, query, { value: null, id: '7' })).toEqual([
      `SEARCH events@1.0 USING ${stretch}`,
      `SEARCH events@1.0 USING ${stretch}`,
    ]);
    expect(readingOf(events, { ...query, where: { runId: 'r' } }, { value: null, id: '7' })).toEqual([
      'SEARCH events@1.0 USING COVERING INDEX events@1.0 by runId, id, time (field_runId=? AND id>?)',
    ]);
  });

  it('say so when they are closed', async () => {
    const models = openSqliteReadModels({ path: ':memory:' });
    await models.close();
    await models.close();
    await expect(models.checkpoint('p')).rejects.toMatchObject({ code: 'READ_MODELS_CLOSED' });
  });
});
