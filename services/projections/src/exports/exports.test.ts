import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asOrganizationId, type OrganizationId } from '@partitura/shared/events';
import { type ByteAnswer, isByteAnswer } from '@partitura/shared/http';
import { type Happening, runStory, tellStore } from '@partitura/shared/http/testing';
import { parquetReadObjects } from 'hyparquet';
import { asker, type ToldService, toldService } from '../testing/told-service.ts';
import type { Column } from './columns.ts';
import { exportModels } from './models.ts';

const acme = asOrganizationId('acme');
const other = asOrganizationId('other');
const stories = [
  ...runStory({ projectId: 'p_acme', runId: 'r_acme', organizationId: acme, tasks: 4, deadLetter: true }),
  ...runStory({ projectId: 'p_other', runId: 'r_other', organizationId: other }),
];
/** As a person may write it who has only mischief in mind. */
const odd = ['=1+1', '-2', '', 'a "b", c\r\nd', '💥 ä\u0000', '@x', '\tx', 'NULL', '1e5'];
const oddStory = (from: readonly Happening[]): readonly Happening[] =>
  odd.map((text): Happening => {
    const [first] = from;
    if (!first) throw new Error('There is no story.');
    const event = { type: 'task.commented' as const, data: { taskId: 'r_acme.T1', text } };
    return { ...first, stream: 'run-r_acme' as Happening['stream'], event, runId: 'r_acme' };
  });

let told: ToldService;
let half: string;

beforeAll(async () => {
  told = await toldService([...stories, ...oddStory(stories)]);
  const [first] = await Array.fromAsync(told.store.readAll({ limit: 60 }));
  half = first?.position ?? '';
});
afterAll(() => told.stop());

type Format = 'Ndjson' | 'Csv' | 'Parquet';

const ask = async (
  format: Format,
  model: string,
  query: object = {},
  organizationId: OrganizationId | null = acme,
): Promise<ByteAnswer> => {
  const name = `export${model === 'audit' ? 'Audit' : ''}${format}` as const;
  const answer = await told.ask(name, { params: { model }, query, organizationId });
  if (!isByteAnswer(answer)) throw new Error('No bytes.');
  return answer;
};
const bytesOf = async (answer: ByteAnswer): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(answer.bytes));
const textOf = async (...asked: Parameters<typeof ask>): Promise<string> =>
  (await bytesOf(await ask(...asked))).toString('utf8');
const rowsOf = async (model: string, query: object = {}, whose: OrganizationId | null = acme) =>
  (await textOf('Ndjson', model, query, whose))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const parquetRows = async (model: string, query: object = {}) => {
  const bytes = await bytesOf(await ask('Parquet', model, query));
  const file = Uint8Array.from(bytes).buffer;
  return (await parquetReadObjects({ file })) as Record<string, unknown>[];
};

/** RFC 4180, read back by its own rules and nobody's library. Null for nothing at all. */
const readCsv = (text: string): (string | null)[][] => {
  const rows: (string | null)[][] = [[]];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? (bare === '' ? null : (bare ?? null)));
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
};

const names = exportModels.map(({ name }) => name);
const filled = names.filter((name) => !['audit', 'facts-gates', 'facts-knowledge'].includes(name));

const inParquet = ({ type }: Column, cell: unknown): unknown => {
  if (cell === null) return null;
  if (type === 'timestamp') return new Date(String(cell));
  if (type === 'int64') return BigInt(Number(cell));
  return type === 'json' ? JSON.stringify(cell) : cell;
};
const inCsv = ({ type }: Column, cell: unknown): string | null => {
  if (cell === null) return null;
  return type === 'json' ? JSON.stringify(cell) : String(cell);
};

describe('every export', () => {
  it.each(filled)('%s: is the same in each format, column by column', async (name) => {
    const columns = exportModels.find((one) => one.name === name)?.columns ?? [];
    const rows = await rowsOf(name);
    expect(rows.length).toBeGreaterThan(0);
    const fromParquet = await parquetRows(name);
    const [header, ...lines] = readCsv(await textOf('Csv', name, { formulas: 'keep' }));
    expect(header).toEqual(columns.map((column) => column.name));
    expect([fromParquet.length, lines.length]).toEqual([rows.length, rows.length]);
    for (const [place, column] of columns.entries()) {
      const cells = rows.map((row) => row[column.name] ?? null);
      const read = fromParquet.map((row) => row[column.name] ?? null);
      expect([column.name, read]).toEqual([column.name, cells.map((cell) => inParquet(column, cell))]);
      const texts = lines.map((line) => line[place]);
      expect([column.name, texts]).toEqual([column.name, cells.map((cell) => inCsv(column, cell))]);
      if (!column.nullable) expect(cells).not.toContain(null);
    }
  });

  it.each(names)('%s: says what each of its columns means', (name) => {
    const columns = exportModels.find((one) => one.name === name)?.columns ?? [];
    expect(columns.filter(({ meaning }) => meaning === '').map((column) => column.name)).toEqual([]);
    expect(new Set(columns.map((column) => column.name)).size).toBe(columns.length);
  });

  it.each(names)(
    '%s: has nothing of another organisation, and all of them for who runs it all',
    async (name) => {
      const [own, theirs, all] = [
        await rowsOf(name),
        await rowsOf(name, {}, other),
        await rowsOf(name, {}, null),
      ];
      expect(JSON.stringify(own)).not.toMatch(/[pr]_other/);
      expect(JSON.stringify(theirs)).not.toMatch(/[pr]_acme/);
      const key = (row: object) => JSON.stringify(row);
      expect([...own, ...theirs].map(key).sort()).toEqual(all.map(key).sort());
      expect(await rowsOf(name, {}, asOrganizationId('nobody'))).toEqual([]);
    },
  );
});

describe('what is new', () => {
  it.each(['events', 'history'])('of %s, in two pieces, is byte for byte the whole', async (name) => {
    const whole = await ask('Ndjson', name);
    const position = whole.headers?.['partitura-position'] ?? '';
    const text = (await bytesOf(whole)).toString();
    const second = await textOf('Ndjson', name, { after: half });
    expect(text.endsWith(second)).toBe(true);
    const first = text.slice(0, -second.length).split('\n').slice(0, -1);
    const positions = first.map((line) => String(Reflect.get(JSON.parse(line), 'position')));
    expect(positions.every((one) => one <= half)).toBe(true);
    expect([first.length > 10, second.length > 1_000]).toEqual([true, true]);
    expect(await textOf('Ndjson', name, { after: position })).toBe('');
    // In CSV each piece has its header.
    const [all, rest] = [await textOf('Csv', name), await textOf('Csv', name, { after: half })];
    expect(all.endsWith(rest.slice(rest.indexOf('\r\n') + 2))).toBe(true);
  });

  it('ends where the export began, whatever is appended while it is read', async () => {
    const answer = await ask('Ndjson', 'events', {}, null);
    const upTo = answer.headers?.['partitura-position'] ?? '';
    const later = runStory({ projectId: 'p_late', runId: 'r_late', tasks: 1 });
    await tellStore(told.store, later, 5_000);
    expect((await bytesOf(answer)).toString()).not.toContain('r_late');
    await told.tell([]);
    expect(await rowsOf('events', { after: upTo }, null)).toHaveLength(later.length);
  });

  it('of what changes has all that changed, to be taken over by its key', async () => {
    const since = await told.store.head();
    const [before, missed] = [await rowsOf('tasks'), await rowsOf('tasks', { after: since })];
    expect([before.length > 3, missed]).toEqual([true, []]);
    await told.tell(oddStory(stories).slice(0, 1), 9_000);
    expect(await rowsOf('tasks', { after: since })).toMatchObject([
      { id: 'r_acme.E1', kind: 'epic' },
      { id: 'r_acme.T1', comments: 11 },
    ]);
  });
});

describe('text that somebody wrote in a spreadsheet’s language', () => {
  it('is text there, and as it was where that is asked for', async () => {
    const [header = [], ...rows] = readCsv(await textOf('Csv', 'comments'));
    const at = header.indexOf('text');
    const texts = rows.map((row) => row[at]);
    for (const text of odd) expect(texts).toContain(/^[=+\-@\t]/.test(text) ? `'${text}` : text);
    expect(texts.filter((text) => text && /^[=+\-@\t\r]/.test(text))).toEqual([]);
    const kept = readCsv(await textOf('Csv', 'comments', { formulas: 'keep' }));
    expect(kept.map((row) => row[at])).toEqual(expect.arrayContaining(odd));
  });
});

describe('a hundred thousand rows', () => {
  it.each(['ndjson', 'csv', 'parquet'])(
    'leave as %s through 64 MB of memory, though they are 150',
    async (format) => {
      const file = new URL('../testing/export-much.ts', import.meta.url);
      const worker = new Worker(file, {
        workerData: { format, rows: 100_000 },
        resourceLimits: { maxOldGenerationSizeMb: 64 },
      });
      const [said] = (await once(worker, 'message')) as [{ bytes: number; largest: number; rows: number }];
      expect(said.rows).toBe(100_000);
      expect(said.largest).toBeLessThan(12_000_000);
      expect(said.bytes).toBeGreaterThan(format === 'parquet' ? 1_000_000 : 100_000_000);
    },
    60_000,
  );
});

describe('what cannot be had', () => {
  it.each(['nothing', 'audit ', '../events', '__proto__'])('%s is not there', async (name) => {
    await expect(ask('Ndjson', name)).rejects.toMatchObject({ code: 'EXPORT_NOT_FOUND' });
  });

  it('is the audit, by the route that everybody may ask', async () => {
    const asked = told.handlers.exportNdjson(
      { params: { model: 'audit' }, query: {}, body: null },
      asker(acme),
    );
    await expect(asked).rejects.toMatchObject({ code: 'EXPORT_NOT_FOUND' });
  });

  it('is what the log has never come to', async () => {
    await expect(ask('Ndjson', 'runs', { after: 'zzz' })).rejects.toMatchObject({ code: 'UNKNOWN_POSITION' });
  });
});
