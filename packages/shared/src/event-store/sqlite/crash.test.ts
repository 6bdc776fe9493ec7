import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { type RecordedEvent, verifyChain } from '../../events/index.ts';
import { startChild } from '../testing/child-process.ts';
import { firstRegistry, note, streamOf, wholeLog } from '../testing/made-up-events.ts';
import { openSqliteEventStore } from './open-sqlite-event-store.ts';

/** Lets a process append until it has acknowledged that many appends, then kills it in the middle of the next ones. */
const appendAndKill = async (
  path: string,
  generation: number,
  acknowledgements: number,
): Promise<readonly string[]> => {
  const child = startChild('append-forever.ts', path, String(generation));
  const acknowledged: string[] = [];
  for (let line = 0; line < acknowledgements; line += 1) {
    const ids = await child.line();
    if (ids !== null) acknowledged.push(...ids.split(' '));
  }
  await child.kill();
  for (let ids = await child.line(); ids !== null; ids = await child.line())
    acknowledged.push(...ids.split(' '));
  return acknowledged;
};

const expectWhole = (log: readonly RecordedEvent[]): void => {
  expect(verifyChain(log)).toMatchObject({ intact: true, events: log.length });
  expect(log.map(({ position }) => Number(position))).toEqual(log.map((_, index) => index + 1));
  // Appends are of two events: none is there by half.
  for (const { id } of log.filter((event) => event.id.endsWith('.0')))
    expect(log.some((event) => event.id === `${id.slice(0, -1)}1`)).toBe(true);
  expect(log.length % 2).toBe(0);
};

it('keeps every acknowledged append through kill -9, whole and chained, however often', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'partitura-crash-'));
  const path = join(directory, 'events.db');
  try {
    const acknowledged: string[] = [];
    for (const [generation, count] of [1, 37, 150, 9, 400].entries()) {
      acknowledged.push(...(await appendAndKill(path, generation, count)));
      const store = openSqliteEventStore({ path, registry: firstRegistry });
      const log = await wholeLog(store, { asRecorded: true });
      const recorded = new Set(log.map(({ id }) => id));
      expect(acknowledged.filter((id) => !recorded.has(id))).toEqual([]);
      expectWhole(log);
      const again = log.slice(0, 2).map(({ id }) => note(id));
      expect(await store.append(log[0]?.stream ?? streamOf('run', 0), again, 'no_stream')).toMatchObject({
        alreadyRecorded: true,
      });
      await store.close();
    }
    expect(acknowledged.length).toBeGreaterThan(1_000);
  } finally {
    await rm(directory, { recursive: true });
  }
});
