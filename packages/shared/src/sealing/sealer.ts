import type { EventStore } from '../event-store/index.ts';
import type { Position, RecordedEvent } from '../events/index.ts';
import { backoffAfter, type Clock, type Component, type HealthCheck, type Logger } from '../runtime/index.ts';
import { appendSeal, readOn } from './append-seal.ts';
import { folded, lastProgress, type Progress, pending } from './progress.ts';
import type { SigningKey } from './signing-key.ts';

export interface SealerOptions {
  readonly store: EventStore;
  readonly key: SigningKey;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A seal comes after this many events at the latest. Default 1,000. */
  readonly everyEvents?: number;
  /** A seal comes this long after the first event that has none, at the latest. Default 10 s. */
  readonly everyMs?: number;
}

export interface Sealer extends Component {
  readonly health: HealthCheck;
}

const retry = { backoffMs: 100, maxBackoffMs: 5_000 };

/**
 * Follows the whole log in the store's order and seals it: after so many events, after so long, and what is left when it stops. Where it goes on
 * is in the last seal, so it needs no checkpoint. Any number of replicas may seal: a seal expects the one before it, exactly one is
 * taken, and whoever was slower goes on from that.
 *
 * The first event after a process that sealed and ended is sealed at once. So, while nothing runs, what follows a closing seal was
 * put there by somebody else: see `sealEnd`.
 */
export const sealer = (options: SealerOptions): Sealer => {
  const { store, clock, logger, everyEvents = 1_000, everyMs = 10_000 } = options;
  const stopping = new AbortController();
  let progress: Progress | null = null;
  let following: Promise<void> = Promise.resolve();
  let trouble: string | null = null;
  let waiting: AbortController | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  /** One after the other: a page is not folded while a seal is written. */
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };

  /** False when another replica was faster: to be started again from its seal. */
  const seal = async (): Promise<boolean> => {
    progress = progress && (await appendSeal(options, progress, false));
    return progress !== null;
  };

  const sealLater = (): void => {
    if (waiting !== null) return;
    const patience = new AbortController();
    waiting = patience;
    const due = async (): Promise<void> => {
      await clock.sleep(everyMs, patience.signal);
      waiting = null;
      await inTurn(async () => {
        if (progress !== null && pending(progress) > 0) await seal();
      });
    };
    // Aborted, or not taken by the store: the next page comes back to it.
    due().catch((error: unknown) => {
      if (!patience.signal.aborted) logger.warn({ error }, 'the log could not be sealed');
    });
  };

  /** False when it has to be started again. */
  const take = async (events: readonly RecordedEvent[], position: Position): Promise<boolean> => {
    if (progress === null) return false;
    progress = folded(progress, events, position);
    const count = pending(progress);
    if (count === 0) return true;
    if (count >= everyEvents || progress.sealed.seal?.closing === true) return seal();
    sealLater();
    return true;
  };

  const follow = async (): Promise<void> => {
    const { signal } = stopping;
    progress = await lastProgress(store);
    trouble = null;
    for await (const { events, position } of store.subscribe({ after: progress.position, signal }))
      if (!(await inTurn(() => take(events, position)))) return;
  };

  const afterFailure = async (error: unknown, failures: number): Promise<number> => {
    trouble = `the log has not been sealed: ${Error.isError(error) ? error.message : String(error)}`;
    logger.warn({ error, failures }, 'sealing was interrupted');
    await clock.sleep(backoffAfter(retry, failures), stopping.signal).catch(() => undefined);
    return failures;
  };

  const followAlways = async (): Promise<void> => {
    let failures = 0;
    while (!stopping.signal.aborted)
      failures = await follow().then(
        () => 0,
        (error: unknown) => (stopping.signal.aborted ? 0 : afterFailure(error, failures + 1)),
      );
  };

  const sealTheRest = async (): Promise<void> => {
    progress = await readOn(store, progress ?? (await lastProgress(store)));
    if (pending(progress) > 0) await seal();
  };

  return {
    name: 'projections.sealing',
    health: { name: 'sealing of the log', check: async () => trouble },
    start: async () => {
      following = followAlways();
    },
    stop: async (graceMs) => {
      stopping.abort();
      waiting?.abort();
      const enough = new AbortController();
      const grace = clock.sleep(graceMs, enough.signal).catch(() => undefined);
      const ended = following
        .then(() => inTurn(sealTheRest))
        .catch((error: unknown) => {
          logger.warn({ error }, 'the end of the log could not be sealed');
        });
      await Promise.race([ended, grace]);
      enough.abort();
    },
  };
};
