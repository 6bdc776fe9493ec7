import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import type { Position } from '@partitura/shared/events';
import { type PriceTable, priceTable } from '@partitura/shared/models';
import type { ReadModels } from '@partitura/shared/read-models';
import type { Clock, Logger, Service } from '@partitura/shared/runtime';
import { type Signing, sealer } from '@partitura/shared/sealing';
import { analyticsHandlers } from './analytics/analytics-operations.ts';
import { auditHandlers } from './audit/audit-operations.ts';
import { verifyHandlers } from './audit/verify-operation.ts';
import { backtestHandlers } from './backtest/backtest.ts';
import { comparingHandlers } from './comparing/compare.ts';
import { projectionEngine } from './engine/engine.ts';
import { poisonReport } from './engine/poison.ts';
import { exportHandlers } from './exports/export-operations.ts';
import { pastIn } from './folding/past.ts';
import { checkpoints } from './moments/checkpoints.ts';
import { momentsIn } from './moments/state-at.ts';
import { projections } from './projections.ts';
import { queryHandlers } from './queries/operations.ts';
import { perCaller, type Reader } from './queries/per-caller.ts';
import { projectionHandlers } from './queries/projection-operations.ts';
import { readersOf } from './queries/readers.ts';

export interface ProjectionsDependencies {
  readonly store: EventStore;
  readonly readModels: ReadModels;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What the log is sealed with; without it, nothing is. */
  readonly signing?: Signing;
  /** Default: those that come with Partitura. */
  readonly prices?: PriceTable;
  /** How long a query with `?after=` waits at the most, in milliseconds. Default 5,000. */
  readonly waitTimeoutMs?: number;
}

export interface ProjectionsService extends Service {
  /** Resolves when the read models have come to this position. @throws {PartituraError} `READ_MODEL_BEHIND` */
  waitFor(position: Position, timeoutMs: number): Promise<void>;
}

/** Read models of everything the API shows, kept at the log and rebuilt from it at any time. */
export const projectionsService = (dependencies: ProjectionsDependencies): ProjectionsService => {
  const { store, readModels, blobs, clock, signing, waitTimeoutMs = 5_000 } = dependencies;
  const { prices = priceTable() } = dependencies;
  const logger = dependencies.logger.child({ service: 'projections' });
  const report = poisonReport(store, clock, logger);
  const pastOf = pastIn(store);
  const engine = projectionEngine({ store, readModels, clock, logger, projections, report, pastOf });
  const seals = signing === undefined ? [] : [sealer({ store, key: signing.key, clock, logger })];
  const readersFor = (context: Reader) => readersOf({ engine, readModels, store, waitTimeoutMs }, context);
  const moments = momentsIn({
    store,
    clock,
    readers: readersFor({ organizationId: null }),
    checkpoints: checkpoints(),
  });
  return {
    name: 'projections',
    operations: perCaller((context) => {
      const readers = readersFor(context);
      return {
        ...queryHandlers(readers, { blobs, store, moments }),
        ...projectionHandlers(engine, readers, store),
        ...auditHandlers(readers),
        ...comparingHandlers(readers, store),
        ...backtestHandlers(readers, store),
        ...analyticsHandlers(readers, (model) => prices.priceOf(model) !== null),
        ...exportHandlers({ engine, store, readers }, context),
        ...verifyHandlers({ store, engine, readers, trusted: signing?.trusted ?? new Set() }, context),
      };
    }),
    // Stopped last: it seals whatever the others still recorded.
    components: [...seals, engine],
    health: [
      { name: 'read models', check: async () => engine.trouble() },
      ...seals.map(({ health }) => health),
    ],
    waitFor: engine.waitFor,
  };
};
