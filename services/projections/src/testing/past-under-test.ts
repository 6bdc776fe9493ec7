import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import type { RecordedEvent } from '@partitura/shared/events';
import { type Happening, tellStore } from '@partitura/shared/http/testing';
import { openSqliteReadModels, type ReadModels } from '@partitura/shared/read-models';
import { silentLogger, systemClock } from '@partitura/shared/runtime';
import { type ProjectionEngine, projectionEngine } from '../engine/engine.ts';
import { poisonReport } from '../engine/poison.ts';
import { pastIn } from '../folding/past.ts';
import { type CheckpointOptions, checkpoints } from '../moments/checkpoints.ts';
import { type Moments, momentsIn } from '../moments/state-at.ts';
import { projections } from '../projections.ts';
import { type Readers, readersOf } from '../queries/readers.ts';

/** A log with its read models, in memory. */
export interface PastUnderTest {
  readonly store: EventStore;
  readonly readModels: ReadModels;
  readonly engine: ProjectionEngine;
  readonly readers: Readers;
  tell(happenings: readonly Happening[]): Promise<void>;
  caughtUp(): Promise<void>;
  events(): Promise<readonly RecordedEvent[]>;
  moments(options?: CheckpointOptions): Moments;
  stop(): Promise<void>;
}

export const pastUnderTest = async (batchSize = 64): Promise<PastUnderTest> => {
  const store = openSqliteEventStore({ path: ':memory:' });
  const readModels = openSqliteReadModels({ path: ':memory:' });
  const [clock, logger] = [systemClock, silentLogger];
  const report = poisonReport(store, clock, logger);
  const engine = projectionEngine({
    ...{ store, readModels, clock, logger, projections, report, batchSize },
    pastOf: pastIn(store),
    retireAfterMs: 0,
  });
  await engine.start();
  const readers = readersOf({ engine, readModels, store, waitTimeoutMs: 5_000 }, { organizationId: null });
  let told = 0;
  return {
    store,
    readModels,
    engine,
    readers,
    tell: async (happenings) => {
      await tellStore(store, happenings, told);
      told += happenings.length;
    },
    caughtUp: async () => engine.waitFor(await store.head(), 10_000),
    events: async () => (await Array.fromAsync(store.readAll())).flatMap(({ events }) => events),
    moments: (options) => momentsIn({ store, clock, readers, checkpoints: checkpoints(options) }),
    stop: async () => {
      await engine.stop(1_000);
      await readModels.close();
      await store.close();
    },
  };
};
