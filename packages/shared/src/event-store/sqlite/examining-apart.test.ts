import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore, ExaminedPage } from '../port.ts';
import { firstRegistry, note, streamOf } from '../testing/made-up-events.ts';
import { openSqliteEventStore } from './open-sqlite-event-store.ts';

let directory: string;
let store: EventStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-examined-'));
  store = openSqliteEventStore({ path: join(directory, 'events.db'), registry: firstRegistry });
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true, maxRetries: 20 });
});

const append = async (from: number, count: number): Promise<void> => {
  const events = Array.from({ length: count }, (_, index) => note(`n${from + index}`));
  await Promise.all(events.map((event, index) => store.append(streamOf('run', index % 7), [event], 'any')));
};

/** Whatever can be done without the event loop's next turn is done. */
const thisTurn = async (): Promise<void> => {
  for (let step = 0; step < 10_000; step += 1) await Promise.resolve();
};

const countOf = (pages: readonly ExaminedPage[]): number =>
  pages.reduce((sum, { events }) => sum + events.length, 0);

describe('the file of a log that is served', () => {
  it('is examined elsewhere: whoever serves answers in the middle of it', async () => {
    await append(0, 1_100);
    const server = createServer((_, response) => response.end('here')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const pages = store.examine()[Symbol.asyncIterator]();
    let come = false;
    const first = pages.next().then((page) => {
      come = true;
      return page;
    });
    await thisTurn();
    expect(come).toBe(false);
    // Of several pages one was asked for: it is not over.
    const answer = await fetch(`http://127.0.0.1:${port}`);
    expect(await answer.text()).toBe('here');
    const rest: ExaminedPage[] = [];
    const { value } = await first;
    for (let page = await pages.next(); page.done !== true; page = await pages.next()) rest.push(page.value);
    expect(countOf([value, ...rest])).toBe(1_100);
    expect(rest.length).toBeGreaterThan(2);
    server.close();
    server.closeAllConnections();
  });

  it('may be left before the end', async () => {
    await append(0, 600);
    for await (const { events } of store.examine()) {
      expect(events.length).toBeGreaterThan(0);
      break;
    }
  });

  it('is not found damaged for being written to', async () => {
    await append(0, 900);
    const pages: ExaminedPage[] = [];
    // Its indexes are brought up to date every thousand events, and its write-ahead log begins anew.
    for await (const page of store.examine()) {
      pages.push(page);
      await append(pages.length * 1_100, 1_100);
    }
    expect(pages.flatMap(({ findings }) => findings)).toEqual([]);
    expect(countOf(pages)).toBe(900);
  });
});
