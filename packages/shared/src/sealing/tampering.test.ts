import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { examineSqliteLog, openSqliteEventStore } from '../event-store/index.ts';
import { wholeLog, wholeStream } from '../event-store/testing/made-up-events.ts';
import { asRunId, chainHash, hashBeforeTheFirst, type RecordedEvent } from '../events/index.ts';
import { makeSealedLog, registry, type SealedLog, trusted } from './testing/sealed-log.ts';
import { type LogVerdict, verifyLog } from './verify-log.ts';
import type { Witness } from './witness.ts';

const tamperings = Number(process.env.PARTITURA_TEST_TAMPERINGS ?? 500);

let log: SealedLog;
let directory: string;
let path: string;
let before: string;

beforeAll(async () => {
  log = await makeSealedLog();
  directory = await mkdtemp(join(tmpdir(), 'partitura-tampered-'));
  path = join(directory, 'events.db');
  copyFrom(log.atRest);
  before = await reads();
});
afterAll(async () => {
  await log.remove();
  await rm(directory, { recursive: true });
});

const suffixes = ['', '-wal', '-shm'];

const copyFrom = (source: string): void => {
  for (const suffix of suffixes) {
    rmSync(`${path}${suffix}`, { force: true });
    if (suffix !== '-shm' && existsSync(`${source}${suffix}`))
      writeFileSync(`${path}${suffix}`, readFileSync(`${source}${suffix}`));
  }
};

const verify = (witness: Witness | null): Promise<LogVerdict> =>
  verifyLog({ pages: examineSqliteLog(path), trusted, witness, atRest: true });

/** Everything that can be read of the log, in each way there is. */
const reads = async (): Promise<string> => {
  const store = openSqliteEventStore({ path, registry });
  try {
    const streams = ['run-r0', 'run-r1', 'run-r2', 'seal-log'] as RecordedEvent['stream'][];
    return JSON.stringify([
      await wholeLog(store, { asRecorded: true }),
      await Promise.all(streams.map((stream) => wholeStream(store, stream))),
      await wholeLog(store, { filter: { runId: asRunId('r1') } }),
      await wholeLog(store, { filter: { types: ['note.taken'] } }),
      await wholeLog(store, { filter: { categories: ['seal'] } }),
    ]);
  } finally {
    await store.close();
  }
};

const readsOrNothing = (): Promise<string> => reads().catch(() => 'nothing');

describe('one byte of the log changed', () => {
  it('is found, or every event reads exactly as before', async () => {
    const sources = fc.constantFrom(
      { from: 'atRest', suffix: '' } as const,
      { from: 'atWork', suffix: '' } as const,
      { from: 'atWork', suffix: '-wal' } as const,
    );
    await fc.assert(
      fc.asyncProperty(
        sources,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async ({ from, suffix }, place, bits) => {
          copyFrom(log[from]);
          const bytes = readFileSync(`${path}${suffix}`);
          if (bytes.length === 0) return;
          const at = place % bytes.length;
          bytes.writeUInt8(bytes.readUInt8(at) ^ bits, at);
          writeFileSync(`${path}${suffix}`, bytes);
          const { intact, findings } = await verify(null);
          if (intact) expect(await readsOrNothing()).toBe(before);
          else expect(findings[0]?.sentence).toMatch(/\.$/);
        },
      ),
      { numRuns: tamperings },
    );
  });
});

interface Tampered {
  /** Where it may be found: at any of these. */
  readonly places: readonly (Pick<RecordedEvent, 'stream' | 'revision'> | undefined)[];
}

type Tamper = (
  database: DatabaseSync,
  events: readonly RecordedEvent[],
  one: number,
  two: number,
) => Tampered;

const bodyOf = (event: RecordedEvent): string => {
  const { data, id, metadata, revision, stream, time, type, version } = event;
  return JSON.stringify({ data, id, metadata, revision, stream, time, type, version });
};

const shiftBehind = (database: DatabaseSync, position: number): void => {
  database.exec(`UPDATE events SET position = -position WHERE position >= ${position};
    UPDATE events SET position = 1 - position WHERE position < 0`);
};

/** The rest of a stream, chained anew: what somebody does who knows how the hashes are made. */
const rechain = (database: DatabaseSync, stream: string): void => {
  const rows = database
    .prepare(
      'SELECT position, body FROM events WHERE stream = (SELECT number FROM streams WHERE name = ?) ORDER BY revision',
    )
    .all(stream);
  let hash = hashBeforeTheFirst;
  for (const { position, body } of rows) {
    hash = chainHash(hash, String(body));
    database.prepare('UPDATE events SET hash = ? WHERE position = ?').run(hash, Number(position));
  }
};

const columns = 'stream, kind, run';

const insertion = (
  database: DatabaseSync,
  event: RecordedEvent,
  at: number,
  revision: number,
  hash: string,
): void => {
  const added = { ...event, id: 'forged', revision };
  database
    .prepare(`INSERT INTO events (position, revision, hash, body, ${columns})
      SELECT ?, ?, ?, ?, ${columns} FROM events WHERE json_extract(body, '$.id') = ?`)
    .run(at, revision, hash, bodyOf(added), event.id);
};

const tampers: Readonly<Record<string, Tamper>> = {
  'an event deleted': (database, events, one) => {
    const event = events[one];
    database.prepare(`DELETE FROM events WHERE json_extract(body, '$.id') = ?`).run(event?.id ?? '');
    return { places: [event] };
  },
  'the newest events deleted': (database, events, one) => {
    const from = events[Math.max(one, events.length - 6)];
    database.prepare('DELETE FROM events WHERE position >= ?').run(Number(from?.position));
    return { places: [from] };
  },
  'two events swapped': (database, events, one, two) => {
    const [left, right] = [events[one], events[two === one ? (one + 1) % events.length : two]];
    const move = database.prepare('UPDATE events SET position = ? WHERE position = ?');
    const [from, to] = [Number(left?.position), Number(right?.position)];
    move.run(-1, from);
    move.run(from, to);
    move.run(to, -1);
    return { places: [left, right] };
  },
  'an event changed, its stream chained anew': (database, events, one) => {
    const event = events[one];
    if (!event) return { places: [] };
    const body = bodyOf({ ...event, time: '2001-01-01T00:00:00.000Z' });
    database.prepare('UPDATE events SET body = ? WHERE position = ?').run(body, Number(event.position));
    rechain(database, event.stream);
    return { places: [event] };
  },
  'an event put in, everything behind it moved': (database, events, one) => {
    const event = events[one];
    if (!event) return { places: [] };
    shiftBehind(database, Number(event.position));
    insertion(database, event, Number(event.position), event.revision, event.hash);
    return { places: [event] };
  },
  'an event added at the end, with the hash it has to have': (database, events, one) => {
    const event = events[one];
    const last = events.findLast(({ stream }) => stream === event?.stream);
    if (!event || !last) return { places: [] };
    const revision = last.revision + 1;
    const hash = chainHash(last.hash, bodyOf({ ...event, id: 'forged', revision }));
    insertion(database, event, events.length + 1, revision, hash);
    return { places: [{ stream: event.stream, revision }] };
  },
};

describe('the log tampered with by somebody who knows SQL', () => {
  it('is found out, and where', async () => {
    const { events } = log;
    const index = fc.nat({ max: events.length - 1 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(tampers)), index, index, async (name, one, two) => {
        copyFrom(log.atRest);
        const database = new DatabaseSync(path);
        const places = tampers[name]?.(database, events, one, two).places ?? [];
        database.close();
        const { findings } = await verify(log.witness());
        const found = findings.some(({ stream, revision }) =>
          places.some(
            (place) => place?.stream === stream && Math.abs(place.revision - (revision ?? -9)) <= 1,
          ),
        );
        if (!found)
          throw new Error(`${name} ${one} ${two}: ${JSON.stringify({ places, findings }, null, 1)}`);
      }),
      { numRuns: Math.ceil(tamperings / 5) },
    );
  });

  it('finds nothing in a log that nobody touched, while a process is up and after it', async () => {
    for (const source of [log.atRest, log.atWork]) {
      copyFrom(source);
      expect(await verify(log.witness())).toMatchObject({
        intact: true,
        findings: [],
        events: log.events.length,
        witnessed: log.events.length,
        unsealed: 0,
      });
    }
  });
});
