import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ExportFormat } from '@partitura/shared/http';
import { type Exported, exportedByBoth, rowsOf } from '../testing/exports.ts';
import type { FinishedWorld, Given } from './finished-world.ts';

const modelsOf = async ({ client }: FinishedWorld) => (await client.call('listExports', { query: {} })).items;

/** Rows by their key, those of later exports in the place of earlier ones. */
const takenOver = async (
  { client }: FinishedWorld,
  model: string,
  ...parts: readonly Exported[]
): Promise<ReadonlyMap<string, unknown>> => {
  const { key } = await client.call('getExportSchema', { params: { model }, query: {} });
  const keyOf = (row: Record<string, unknown>) => JSON.stringify(key.map((column) => row[column]));
  const rows = parts.flatMap(rowsOf).map((row) => [keyOf(row), row] as const);
  return new Map(rows.toSorted(([left], [right]) => (left < right ? -1 : 1)));
};

/** One small thing that most read models have something of. */
const happens = async ({ client, finished, world }: FinishedWorld): Promise<void> => {
  const { items } = await client.call('listRunTasks', { params: { id: finished.runId }, query: {} });
  const task = items.find(({ kind }) => kind !== 'epic' && kind !== 'story');
  await client.call('commentTask', { params: { id: task?.id ?? '' }, body: { text: '=1+1, "quoted"\n💥' } });
  await client.call('listExports', { query: { after: await world.store.head() } });
};

type Model = Awaited<ReturnType<typeof modelsOf>>[number];

/** What both made, which is the same. */
const sameOfBoth = async (
  world: FinishedWorld,
  model: string,
  format: ExportFormat,
  after = '',
): Promise<Exported> => {
  const { served, embedded } = await exportedByBoth(world, model, format, after);
  const isSame = served.bytes.equals(embedded.bytes);
  expect({ model, format, after, isSame }).toEqual({ model, format, after, isSame: true });
  return served;
};

/** What was taken before and what is new are what is taken at once. */
const expectToGoOn = async (
  world: FinishedWorld,
  { model, grows }: Model,
  before: Exported,
): Promise<void> => {
  for (const format of ['csv', 'parquet'] as const) await sameOfBoth(world, model, format, before.position);
  const next = await sameOfBoth(world, model, 'ndjson', before.position);
  const whole = await sameOfBoth(world, model, 'ndjson');
  expect(await takenOver(world, model, before, next)).toEqual(await takenOver(world, model, whole));
  if (grows !== 'appends') return;
  expect(next.bytes.length).toBeGreaterThan(0);
  expect(Buffer.concat([before.bytes, next.bytes]).equals(whole.bytes)).toBe(true);
};

export const describeExports = (given: Given): void =>
  describe('every read model and the log itself, in three formats', () => {
    const first = new Map<string, Exported>();

    it('is the file that one process makes of the same log, byte for byte', async () => {
      const world = given();
      const models = await modelsOf(world);
      expect(models.length).toBeGreaterThan(15);
      for (const { model } of models) {
        for (const format of ['csv', 'parquet'] as const) await sameOfBoth(world, model, format);
        first.set(model, await sameOfBoth(world, model, 'ndjson'));
      }
      const filled = [...first].filter(([, exported]) => rowsOf(exported).length > 0);
      expect(filled.length).toBeGreaterThan(11);
    });

    it('goes on from where the one before ended', async () => {
      const world = given();
      await happens(world);
      for (const model of await modelsOf(world)) {
        const before = first.get(model.model);
        if (before) await expectToGoOn(world, model, before);
      }
      const { position = '' } = first.get('tasks') ?? {};
      const file = join(world.place.directory, 'tasks.parquet');
      const flags = ['--format', 'parquet', '--after', position, '--output', file];
      await world.command(['export', 'tasks', ...flags]);
      const expected = await sameOfBoth(world, 'tasks', 'parquet', position);
      expect((await readFile(file)).equals(expected.bytes)).toBe(true);
    });
  });
