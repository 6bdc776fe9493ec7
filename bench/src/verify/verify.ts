import { join } from 'node:path';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { silentLogger, systemClock } from '@partitura/shared/runtime';
import { sealer, signingKeyFrom, verifyLocalLog } from '@partitura/shared/sealing';
import type { Benchmark } from '../benchmark.ts';
import { keptDirectory } from '../temporary-directory.ts';
import { attemptEvent, attemptStream } from '../workload.ts';

const streams = 500;
const eventsInStream = 200;
const events = streams * eventsInStream;
const key = signingKeyFrom('be'.repeat(32));

let directory: string | null = null;

/** Written once, and sealed as a process would have. */
const prepared = async (): Promise<string> => {
  if (directory) return directory;
  const made = keptDirectory();
  directory = made;
  const store = openSqliteEventStore({ path: join(made, 'events.db') });
  const seals = sealer({ store, key, clock: systemClock, logger: silentLogger });
  await seals.start();
  for (let from = 0; from < eventsInStream; from += 20)
    for (let stream = 0; stream < streams; stream += 1) {
      const batch = Array.from({ length: 20 }, (_, index) => attemptEvent(stream, from + index));
      await store.append(attemptStream(stream), batch, 'any');
    }
  await seals.stop(60_000);
  await store.close();
  return made;
};

export const verify: Benchmark = {
  name: 'verify',
  unit: 'events/s',
  method: `${events.toLocaleString('en')} events of ${streams} streams in a SQLite file: its integrity, every stream's chain, the chain over all of them and its seals; without read models to compare with.`,
  target: { kind: 'at_least', value: 20_000 },
  rounds: 3,
  round: async () => {
    const path = await prepared();
    const logged = { events: join(path, 'events.db'), readModels: join(path, 'none.db') };
    const start = performance.now();
    const verdict = await verifyLocalLog(logged, new Set([key.fingerprint]));
    const seconds = (performance.now() - start) / 1_000;
    if (!verdict.intact || verdict.unsealed > 0) throw new Error('The log of the benchmark is not intact.');
    return { ours: verdict.events / seconds, limit: null, beside: { seconds, seals: verdict.seals } };
  },
};
