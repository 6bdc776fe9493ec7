import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventStore, openSqliteEventStore } from '../../event-store/index.ts';
import { firstTables, note, streamOf, wholeLog } from '../../event-store/testing/made-up-events.ts';
import { createEventRegistry, type RecordedEvent, sealEvents } from '../../events/index.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { sealEnd } from '../append-seal.ts';
import { sealer } from '../sealer.ts';
import { type SigningKey, signingKeyFrom } from '../signing-key.ts';
import type { Witness } from '../witness.ts';

export const registry = createEventRegistry({ ...firstTables, seal: sealEvents });
export const testKey: SigningKey = signingKeyFrom('5e'.repeat(32));
export const trusted: ReadonlySet<string> = new Set([testKey.fingerprint]);

/** A small log in files of its own: three runs, sealed every few events and at its end. */
export interface SealedLog {
  /** The database alone: the process ended. */
  readonly atRest: string;
  /** The database and its write-ahead log, as they were while the process was up. */
  readonly atWork: string;
  readonly events: readonly RecordedEvent[];
  readonly witness: () => Witness;
  remove(): Promise<void>;
}

const append = async (store: EventStore, rounds: number): Promise<void> => {
  for (let round = 0; round < rounds; round += 1) {
    const run = `r${round % 3}`;
    const events = [note(`a${round}`, `First of ${round}`, run), note(`b${round}`, `Größe ${round}`, run)];
    await store.append(streamOf('run', run), events, 'any');
  }
};

export const makeSealedLog = async (rounds = 12): Promise<SealedLog> => {
  const directory = await mkdtemp(join(tmpdir(), 'partitura-sealed-'));
  const [atRest, atWork] = [join(directory, 'events.db'), join(directory, 'copy.db')];
  const store = openSqliteEventStore({ path: atRest, registry });
  const seals = sealer({ store, key: testKey, clock: systemClock, logger: silentLogger, everyEvents: 7 });
  await seals.start();
  await append(store, rounds);
  await seals.stop(5_000);
  await sealEnd({ store, key: testKey, clock: systemClock });
  const events = await wholeLog(store, { asRecorded: true });
  for (const suffix of ['', '-wal']) await copyFile(`${atRest}${suffix}`, `${atWork}${suffix}`);
  await store.close();
  return {
    atRest,
    atWork,
    events,
    witness: async function* () {
      yield events;
    },
    remove: () => rm(directory, { recursive: true }),
  };
};
