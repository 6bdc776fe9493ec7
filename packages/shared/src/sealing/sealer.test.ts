import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '../event-store/index.ts';
import { note, notes, streamOf, wholeStream } from '../event-store/testing/made-up-events.ts';
import { silentLogger } from '../runtime/index.ts';
import { type VirtualClock, virtualClock } from '../runtime/testing/index.ts';
import { sealEnd } from './append-seal.ts';
import { type Seal, sealStream } from './seal.ts';
import { type Sealer, sealer } from './sealer.ts';
import { signingKeyFrom } from './signing-key.ts';
import { registry, testKey, trusted } from './testing/sealed-log.ts';
import { type LogVerdict, verifyLog } from './verify-log.ts';

let store: EventStore;
let clock: VirtualClock;
const running: Sealer[] = [];

beforeEach(() => {
  store = openSqliteEventStore({ path: ':memory:', registry });
  clock = virtualClock({ start: 0 });
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop(1_000);
  await store.close();
});

const start = async (everyEvents = 1_000): Promise<Sealer> => {
  const started = sealer({ store, key: testKey, clock, logger: silentLogger, everyEvents, everyMs: 500 });
  running.push(started);
  await started.start();
  return started;
};

const seals = async (): Promise<readonly Seal[]> =>
  (await wholeStream(store, sealStream)).map(({ data }) => data as Seal);

/** Until as many seals are there: they are events of the log like any other. */
const sealsReached = async (count: number): Promise<readonly Seal[]> => {
  const { signal } = new AbortController();
  let seen = 0;
  for await (const { events } of store.subscribe({
    after: '' as never,
    filter: { categories: ['seal'] },
    signal,
  })) {
    seen += events.length;
    if (seen >= count) break;
  }
  return seals();
};

const verdict = (keys = trusted, atRest = true): Promise<LogVerdict> =>
  verifyLog({ pages: store.examine(), trusted: keys, witness: null, atRest });

const end = () => sealEnd({ store, key: testKey, clock });

const append = (name: string, count: number) =>
  store.append(streamOf('run', name), notes(`${name}-`, count), 'any');

describe('sealing the log', () => {
  it('comes after so many events, and after so long', async () => {
    await start(10);
    await append('a', 10);
    expect(await sealsReached(1)).toMatchObject([{ number: 1, events: 10, total: 10, closing: false }]);
    await append('b', 3);
    await clock.advance(500);
    expect(await sealsReached(2)).toMatchObject([{}, { number: 2, events: 3, total: 13 }]);
    expect(await verdict()).toMatchObject({ intact: true, seals: 2, unsealed: 0 });
  });

  it('comes when the process ends, once, and at once for the first event after that', async () => {
    const first = await start();
    await append('a', 3);
    await first.stop(1_000);
    await end();
    const idle = await start();
    await idle.stop(1_000);
    await end();
    expect(await seals()).toMatchObject([
      { events: 3, closing: false },
      { events: 0, total: 3, closing: true },
    ]);
    await start();
    await append('b', 1);
    expect(await sealsReached(3)).toMatchObject([{}, {}, { total: 4, closing: false }]);
  });

  it('covers what was recorded while nobody sealed', async () => {
    await append('a', 5);
    await end();
    await append('b', 2);
    expect(await verdict(trusted, false)).toMatchObject({ intact: true, unsealed: 2 });
    const found = await verdict();
    expect(found.findings.map(({ kind, stream }) => [kind, stream])).toEqual([
      ['inserted', 'run-b'],
      ['inserted', 'run-b'],
    ]);
  });

  it('has one seal in each place, however many seal', async () => {
    const all = await Promise.all([start(5), start(5), start(5)]);
    for (let round = 0; round < 8; round += 1) await append(`r${round}`, 5);
    await Promise.all(all.map((one) => one.stop(5_000)));
    const made = await seals();
    expect(made.map(({ number }) => number)).toEqual(made.map((_, index) => index + 1));
    expect(made.at(-1)).toMatchObject({ total: 40 });
    expect(await verdict()).toMatchObject({ intact: true, events: 40 + made.length, unsealed: 0 });
  });

  it('is worth nothing when somebody else signs', async () => {
    const other = signingKeyFrom('77'.repeat(32));
    const forger = sealer({ store, key: other, clock, logger: silentLogger });
    await forger.start();
    await store.append(streamOf('run', 'a'), [note('one')], 'any');
    await forger.stop(1_000);
    const { findings } = await verdict();
    expect(findings).toMatchObject([{ kind: 'forged_seal', stream: 'seal-log', revision: 0 }]);
    expect(findings[0]?.sentence).toContain(other.fingerprint);
    expect((await verdict(new Set([other.fingerprint]))).intact).toBe(true);
  });
});
