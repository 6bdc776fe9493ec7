import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
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

  it.each([
    ['ascending', ['(field_runId=? AND (field_addedAt,id)>(?,?))']],
    ['descending', ['(field_runId=? AND (field_addedAt,id)<(?,?))', '(field_runId=? AND field_addedAt=?)']],
  ] as const)('begin to read where the page before ended: %s', (direction, ranges) => {
    const collection = { name: 'tasks', version: 1, generation: 0, indexes: [['runId', 'addedAt']] };
    const database = new DatabaseSync(':memory:');
    createTable(database, collection);
    const { sql, values } = selectPage(collection, {
      conditions: [['runId', ['r']]],
      sortField: 'addedAt',
      descending: direction === 'descending',
      between: {},
      limit: 50,
      after: { value: '0001', id: 'r.T1' },
      fingerprint: '',
    });
    const plan = database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...values)
      .map(({ detail }) => String(detail));
    database.close();
    const read = plan.filter((step) => step.includes('tasks@1.0'));
    expect(read).toEqual(
      ranges.map((range) => `SEARCH tasks@1.0 USING INDEX tasks@1.0 by runId, addedAt ${range}`),
    );
  });

  it('say so when they are closed', async () => {
    const models = openSqliteReadModels({ path: ':memory:' });
    await models.close();
    await models.close();
    await expect(models.checkpoint('p')).rejects.toMatchObject({ code: 'READ_MODELS_CLOSED' });
  });
});
