import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asRunId, beginning, createRedactor, type EventToAppend, verifyChain } from '../../events/index.ts';
import { appendPreparation } from '../prepare-append.ts';
import {
  firstRegistry,
  idsOf,
  note,
  notes,
  streamOf,
  wasTaken,
  wholeLog,
  wholeStream,
} from '../testing/made-up-events.ts';
import { openDatabase } from './database.ts';
import { numbering } from './numbering.ts';
import { openSqliteEventStore } from './open-sqlite-event-store.ts';
import { enteredQuery, places } from './places.ts';
import { recentEvents } from './recent.ts';
import { asStoreError } from './sqlite-errors.ts';
import { streamHeads } from './stream-heads.ts';
import { writer } from './writing.ts';

const registry = firstRegistry;
const stream = streamOf('run', 'r_1');

describe('the SQLite file', () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'partitura-durability-'));
    path = join(directory, 'events.db');
  });
  afterEach(() => rm(directory, { recursive: true }));

  /** Frames of the write-ahead log that end a transaction: those that say how large the database is after it. */
  const transactions = async (): Promise<number> => {
    const log = await readFile(`${path}-wal`);
    let commits = 0;
    for (let frame = 32; frame < log.length; frame += 24 + 4096)
      commits += log.readUInt32BE(frame + 4) > 0 ? 1 : 0;
    return commits;
  };

  it('is synced at every commit', () => {
    const database = openDatabase(path);
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    database.close();
  });

  it('takes all appends of a turn in one transaction', async () => {
    const store = openSqliteEventStore({ path, registry });
    const before = await transactions();
    const appends = Array.from({ length: 500 }, (_, index) =>
      store.append(streamOf('run', index), [note(`e${index}`)], 'no_stream'),
    );
    const refused = wasTaken(store, streamOf('run', 7), [note('late')], 'no_stream');
    await Promise.all(appends);
    expect(await refused).toBe(false);
    expect((await transactions()) - before).toBe(1);
    await store.append(stream, [note('x')], 'any');
    expect((await transactions()) - before).toBe(2);
    await store.close();
  });

  it('has nothing of a secret in it', async () => {
    const redactor = createRedactor({ secrets: ['correct "horse" battery'] });
    const store = openSqliteEventStore({ path, registry, redactor });
    const key = 'sk-ant-api03-aaaaaaaaaaaaaaaaaaaa1';
    const event: EventToAppend = {
      ...note('a'),
      data: { text: `x ${key}`, more: { 'correct "horse" battery': ['correct "horse" battery'] } },
    };
    await store.append(stream, [{ ...event, metadata: { ...event.metadata, actor: `key:${key}` } }], 'any');
    expect(await wholeStream(store, stream)).toMatchObject([
      {
        data: { text: 'x [redacted:anthropic_key]', more: { '[redacted:secret]': ['[redacted:secret]'] } },
        metadata: { actor: 'key:[redacted:anthropic_key]' },
      },
    ]);
    const bytes = Buffer.concat([await readFile(path), await readFile(`${path}-wal`)]).toString('latin1');
    expect(bytes).toContain('redacted:anthropic_key');
    expect(bytes).not.toContain('sk-ant-api03');
    expect(bytes).not.toContain('battery');
    expect(verifyChain(await wholeLog(store))).toMatchObject({ intact: true });
    await store.close();
  });

  it('is believed over memory when somebody else writes to it after all', async () => {
    const [one, two] = [openSqliteEventStore({ path, registry }), openSqliteEventStore({ path, registry })];
    for (let round = 0; round < 10; round += 1) {
      const contested = streamOf('run', round);
      const taken = await Promise.all([
        wasTaken(one, contested, [note('a')], 'no_stream'),
        wasTaken(two, contested, [note('b')], 'no_stream'),
      ]);
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(await wasTaken(two, contested, [note('c')], 0)).toBe(true);
      expect(await wasTaken(one, contested, [note('d')], 0)).toBe(false);
      expect(await wasTaken(one, contested, [note('d')], 1)).toBe(true);
      expect(idsOf(await wholeStream(two, contested)).slice(1)).toEqual(['c', 'd']);
    }
    expect(await wholeLog(one, { filter: { types: ['note.taken'] } })).toEqual(await wholeLog(two));
    expect(verifyChain(await wholeLog(one))).toMatchObject({ intact: true, events: 30 });
    await one.close();
    await two.close();
  });

  it('reads the same while its indexes follow, and after they are rebuilt from the log', async () => {
    const store = openSqliteEventStore({ path, registry });
    for (let round = 0; round < 13; round += 1) {
      const many = Array.from({ length: 100 }, (_, index) =>
        store.append(
          streamOf('run', index % 40),
          [
            note(`e${round}.${index}`, 't', `r${index % 3}`),
            { ...note(`f${round}.${index}`), type: 'note.read', data: {} },
          ],
          'any',
        ),
      );
      await Promise.all(many);
    }
    const log = await wholeLog(store);
    expect(log).toHaveLength(2_600);
    const reads = async (from: typeof store) => ({
      run: await wholeLog(from, { filter: { runId: asRunId('r1') } }),
      runBackwards: (
        await wholeLog(from, { filter: { runId: asRunId('r1') }, direction: 'backwards' })
      ).toReversed(),
      type: await wholeLog(from, { filter: { types: ['note.read'] } }),
      typeBackwards: (
        await wholeLog(from, { filter: { types: ['note.read'] }, direction: 'backwards' })
      ).toReversed(),
      stream: await wholeStream(from, streamOf('run', 17)),
      streamBackwards: (
        await wholeStream(from, streamOf('run', 17), { direction: 'backwards' })
      ).toReversed(),
      streamPart: await wholeStream(from, streamOf('run', 17), { from: 11, limit: 20 }),
    });
    const ofRun = log.filter(({ metadata }) => metadata.runId === 'r1');
    const ofType = log.filter(({ type }) => type === 'note.read');
    const ofStream = log.filter((event) => event.stream === 'run-17');
    const expected = {
      run: ofRun,
      runBackwards: ofRun,
      type: ofType,
      typeBackwards: ofType,
      stream: ofStream,
      streamBackwards: ofStream,
      streamPart: ofStream.slice(11, 31),
    };
    expect(await reads(store)).toEqual(expected);
    await store.close();
    const database = new DatabaseSync(path);
    expect(Number(database.prepare('SELECT position FROM indexed').get()?.position)).toBeGreaterThan(0);
    database.exec(
      'DELETE FROM by_stream; DELETE FROM by_kind; DELETE FROM by_run; UPDATE indexed SET position = 0',
    );
    database.close();
    const again = openSqliteEventStore({ path, registry });
    expect(await reads(again)).toEqual(expected);
    await again.append(stream, [note('x')], 'any');
    expect(await reads(again)).toEqual({ ...expected });
    await again.close();
  });

  it.each([
    ['a run', { run: 3, kinds: null }, 'SEARCH by_run USING PRIMARY KEY (run=? AND position>?)'],
    ['a run and types', { run: 3, kinds: [1, 2] }, 'SEARCH by_run USING PRIMARY KEY (run=? AND position>?)'],
    ['types', { run: null, kinds: [1, 2, 5] }, 'SEARCH by_kind USING PRIMARY KEY (kind=? AND position>?)'],
  ])('finds %s by an index, in order, without sorting', (_, selection, search) => {
    const database = openDatabase(path);
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${enteredQuery(selection, 'forwards')}`).all(1, 10);
    const steps = plan.map(({ detail }) => String(detail));
    expect(steps).toContain(search);
    expect(steps.filter((step) => /SCAN|TEMP B-TREE/.test(step))).toEqual([]);
    database.close();
  });

  it('says that the disk is full, undoes the group, and goes on when there is room', () => {
    const database = openDatabase(path);
    const numbers = numbering(database);
    const index = places(database);
    const writing = writer(database, streamHeads(database, index), numbers, index, recentEvents());
    const prepare = appendPreparation({ registry, redactor: createRedactor() });
    const append = (id: string, text: string) => ({
      ...prepare(stream, [note(id, text)]),
      expected: 'any' as const,
    });
    writing.commit([append('first', 'small')]);
    database.exec('PRAGMA max_page_count = 40');
    let failure: unknown;
    try {
      writing.commit([append('second', 'small'), append('third', 'x'.repeat(1_000_000))]);
    } catch (error) {
      failure = asStoreError(path, error);
    }
    expect(failure).toMatchObject({ code: 'STORE_DISK_FULL', advice: expect.stringContaining('Make room') });
    expect(writing.head()).toBe(1);
    database.exec('PRAGMA max_page_count = 100000');
    expect(writing.commit([append('second', 'small'), append('fourth', 'small')])).toMatchObject([
      { result: { revision: 1 } },
      { result: { revision: 2 } },
    ]);
    database.close();
  });

  it('says what is wrong with a file that it cannot use', async () => {
    const refusal = (file: string) => {
      try {
        return openSqliteEventStore({ path: file, registry });
      } catch (error) {
        return error;
      }
    };
    expect(refusal(join(directory, 'missing', 'events.db'))).toMatchObject({ code: 'STORE_CANNOT_OPEN' });
    const garbage = join(directory, 'garbage.db');
    await writeFile(garbage, 'not a database at all '.repeat(100));
    expect(refusal(garbage)).toMatchObject({
      code: 'STORE_CORRUPT',
      advice: expect.stringContaining('backup'),
    });
    const foreign = join(directory, 'foreign.db');
    const other = new DatabaseSync(foreign);
    other.exec('CREATE TABLE addresses (name TEXT)');
    other.close();
    expect(refusal(foreign)).toMatchObject({ code: 'STORE_NOT_AN_EVENT_STORE' });
    const newer = openDatabase(path);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    expect(refusal(path)).toMatchObject({ code: 'STORE_FROM_NEWER_VERSION' });
  });

  it('is reported as damaged where it is, not read as something else', async () => {
    const store = openSqliteEventStore({ path, registry });
    await store.append(stream, notes('e', 200), 'no_stream');
    await store.close();
    const database = new DatabaseSync(path);
    database.exec(`UPDATE events SET body = replace(body, 'Text of e7"', 'Text of e8"') WHERE position = 8`);
    database.close();
    const changed = openSqliteEventStore({ path, registry });
    expect(verifyChain(await wholeLog(changed))).toMatchObject({
      intact: false,
      firstBreak: { revision: 7, kind: 'content' },
    });
    await changed.close();

    const file = await open(path, 'r+');
    const { size } = await file.stat();
    await file.write(Buffer.alloc(Math.floor(size / 4), 0xff), 0, null, Math.floor(size / 2));
    await file.close();
    const damaged = openSqliteEventStore({ path, registry });
    await expect(wholeLog(damaged)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await damaged.close();
  });

  it('can be in memory only', async () => {
    const store = openSqliteEventStore({ path: ':memory:', registry });
    await store.append(stream, notes('e', 3), 'no_stream');
    expect(idsOf(await wholeLog(store, { after: beginning }))).toEqual(['e0', 'e1', 'e2']);
    await store.close();
  });
});
