import { importedHistory } from '../bundles/imported-history.ts';
import type { BusSubscription, EventBus, RunningSubscription } from '../event-bus/index.ts';
import type { EventStore } from '../event-store/index.ts';
import type { RecordedEvent } from '../events/index.ts';
import {
  type Backoff,
  backoffAfter,
  type Clock,
  type Component,
  type HealthCheck,
  type Logger,
  type Metrics,
  noMetrics,
  silentLogger,
} from '../runtime/index.ts';
import { parkingLot } from './parking.ts';
import { processorMetrics } from './processor-metrics.ts';
import { isTransient as isTransientByDefault } from './transient-errors.ts';

export interface ProcessorRetry extends Backoff {
  /** Times an event is tried before it is parked. */
  readonly attempts: number;
}

/**
 * What a processor does with what it is given: each event by itself, or a batch at once. Idempotent: the same events may come
 * again, after a crash or when one of a batch failed. The signal aborts when the processor is stopped and its grace is over.
 */
export type ProcessorHandler =
  | { readonly handle: (event: RecordedEvent, signal: AbortSignal) => Promise<void> }
  | { readonly handleBatch: (events: readonly RecordedEvent[], signal: AbortSignal) => Promise<void> };

export type ProcessorOptions = ProcessorHandler & {
  /** Unique within the service; names the checkpoint and, with the service, the stream of what was parked. */
  readonly name: string;
  readonly service: string;
  readonly bus: EventBus;
  /** Where events are parked. */
  readonly store: EventStore;
  readonly clock: Clock;
  readonly filter: NonNullable<BusSubscription['filter']>;
  /** Where a processor without a checkpoint begins. Default: the beginning. */
  readonly startFrom?: BusSubscription['startFrom'];
  readonly batchSize?: number;
  /** Default: 5 attempts, 50 ms to 5 s apart. */
  readonly retry?: ProcessorRetry;
  /** Whether an error speaks of what the handler stands on instead of the event. Default: `isTransient`. */
  readonly isTransient?: (error: unknown) => boolean;
  readonly logger?: Logger;
  readonly metrics?: Metrics;
};

export interface Processor extends Component {
  /** Wrong while nothing can be handled because something it stands on is away. */
  readonly health: HealthCheck;
  /** Events of its filter that are recorded and not handled yet. */
  lag(): Promise<number>;
}

const defaultRetry: ProcessorRetry = { attempts: 5, backoffMs: 50, maxBackoffMs: 5_000 };

interface Tries {
  /** That failed because of the event. */
  attempts: number;
  /** That failed because something was away. */
  interruptions: number;
}

interface Failure {
  readonly error: unknown;
  readonly attempts: number;
}

/**
 * A checkpointed subscription that one bad event cannot stop.
 *
 * - An event whose handling fails is tried again with growing pauses; after `retry.attempts` it is parked: recorded as
 *   `processor.event_parked` in `processor-<service>.<name>`, logged and counted. The processor goes on with the next.
 * - A batch that fails as a whole is taken apart, so that only the event at fault is parked and the others are handled in order.
 * - An error that says that the store, a disk or a network is away (`isTransient`) is no fault of the event: it is tried until
 *   it works, the order stays, the lag grows and the health check says why. An event can never be parked while the store is
 *   down, because parking is an append.
 * - What was imported is history: whoever acts on events acts on those that were recorded here.
 */
export const processor = (options: ProcessorOptions): Processor => {
  const {
    name,
    service,
    bus,
    clock,
    retry = defaultRetry,
    isTransient = isTransientByDefault,
    logger: parent = silentLogger,
  } = options;
  const group = `${service}.${name}`;
  const logger = parent.child({ processor: group });
  const metrics = processorMetrics(options.metrics ?? noMetrics, group);
  const park = parkingLot({ store: options.store, clock, service, group, logger });
  const history = importedHistory(options.store);
  const stopping = new AbortController();
  const outOfGrace = new AbortController();
  let running: RunningSubscription | null = null;
  let trouble: { readonly since: number; readonly error: unknown } | null = null;
  let stopObserving = () => {};

  const pause = async (failures: number): Promise<void> => {
    metrics.retried();
    await clock.sleep(backoffAfter(retry, failures), stopping.signal);
  };

  const worked = () => {
    if (trouble) logger.info({ since: new Date(trouble.since).toISOString() }, 'what was away is back');
    trouble = null;
  };

  /** Counts the failure; how many of its kind there were says how long to pause. null: enough attempts. */
  const afterFailure = (error: unknown, tries: Tries): number | null => {
    if (isTransient(error)) {
      tries.interruptions += 1;
      trouble ??= { since: clock.now(), error };
      logger.warn({ error, ...tries }, 'something the processor stands on is away');
      return tries.interruptions;
    }
    tries.attempts += 1;
    if (tries.attempts >= retry.attempts) return null;
    logger.warn({ error, ...tries }, 'an attempt failed');
    return tries.attempts;
  };

  /** Resolves to why it was given up, or to null when it worked. Rejects only when the processor stops. */
  const persist = async (work: () => Promise<void>): Promise<Failure | null> => {
    const tries: Tries = { attempts: 0, interruptions: 0 };
    for (let failed = await failureOf(work); failed; failed = await failureOf(work)) {
      const { error } = failed;
      if (stopping.signal.aborted) throw error;
      const failures = afterFailure(error, tries);
      if (failures === null) return { error, attempts: tries.attempts };
      await pause(failures);
    }
    worked();
    return null;
  };

  const run = (events: readonly RecordedEvent[]): Promise<void> => {
    if ('handleBatch' in options) return options.handleBatch(events, outOfGrace.signal);
    const [event] = events;
    return event ? options.handle(event, outOfGrace.signal) : Promise.resolve();
  };

  const handleOne = async (event: RecordedEvent): Promise<void> => {
    const failure = await persist(() => run([event]));
    if (!failure) return;
    const refusal = await persist(() => park(event, failure));
    // What cannot be parked may not be skipped: the bus brings it again.
    if (refusal) throw refusal.error;
    metrics.parked();
  };

  const handleEach = async (events: readonly RecordedEvent[]): Promise<void> => {
    for (const event of events) await handleOne(event);
  };

  const handleAll = async (delivered: readonly RecordedEvent[]): Promise<void> => {
    const started = clock.now();
    const events = await history.withoutImported(delivered);
    if (events.length === 0) return;
    if ('handleBatch' in options && events.length > 1) {
      const failure = await persist(() => run(events));
      if (failure) {
        logger.warn({ error: failure.error, events: events.length }, 'the batch is taken apart');
        await handleEach(events);
      }
    } else await handleEach(events);
    metrics.handled(events.length, (clock.now() - started) / 1_000);
  };

  return {
    name: group,
    start: async () => {
      running = await bus.subscribe({
        group,
        filter: options.filter,
        startFrom: options.startFrom ?? 'beginning',
        handle: handleAll,
        ...(options.batchSize === undefined ? {} : { batchSize: options.batchSize }),
      });
      stopObserving = metrics.observeLag(running.lag);
    },
    stop: async (graceMs) => {
      if (!running) return;
      stopObserving();
      stopping.abort();
      const stopped = running.stop();
      const enough = new AbortController();
      const grace = clock.sleep(graceMs, enough.signal).then(
        () => outOfGrace.abort(),
        () => {},
      );
      await Promise.race([stopped, grace]);
      enough.abort();
    },
    lag: async () => (running ? running.lag() : 0),
    health: {
      name: group,
      check: async () =>
        trouble === null
          ? null
          : `has handled nothing since ${new Date(trouble.since).toISOString()}: ${messageOf(trouble.error)}`,
    },
  };
};

const messageOf = (error: unknown): string => (Error.isError(error) ? error.message : String(error));

const failureOf = async (work: () => Promise<void>): Promise<{ readonly error: unknown } | null> => {
  try {
    await work();
    return null;
  } catch (error) {
    return { error };
  }
};
