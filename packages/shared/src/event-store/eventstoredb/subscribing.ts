import { setImmediate as turn } from 'node:timers/promises';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { EventRegistry, Position, RecordedEvent } from '../../events/index.ts';
import type { Logger } from '../../runtime/logging.ts';
import type { EventFilter, EventPage } from '../port.ts';
import type { Connection, ReadCall } from './connection.ts';
import { canMatch, matches } from './filters.ts';
import type { Patience } from './patience.ts';
import { logPositionOf, positionOf } from './positions.ts';
import { inCurrentVersion, recordedEvent } from './records.ts';
import { subscriptionRequest } from './requests.ts';
import { asStoreError, TransientError } from './store-errors.ts';
import type { StreamNames } from './stream-names.ts';

export interface FollowOptions {
  readonly after: Position;
  readonly filter: EventFilter;
  readonly batchSize: number;
  readonly signal: AbortSignal;
}

export interface FollowDependencies {
  readonly connection: Connection;
  readonly patience: Patience;
  readonly registry: EventRegistry;
  readonly logger: Logger | null;
}

/**
 * One subscription to $all after another, each from where the last one got: to the position of the last event handed over or of
 * the last checkpoint behind it. Positions are exclusive and only grow, so nothing is missed and nothing comes twice, and what
 * the server might repeat is dropped by its position. Ends when the signal aborts.
 */
export async function* follow(
  { connection, patience, registry, logger }: FollowDependencies,
  { after, filter, batchSize, signal }: FollowOptions,
): AsyncGenerator<EventPage> {
  const progress: Progress = { reached: after, failures: 0 };
  logPositionOf(after);
  if (!canMatch(filter)) await aborted(signal);

  /** What one subscription brings, until the signal aborts. Throws what the subscription ended with. */
  async function* pages(inbox: Mailbox): AsyncGenerator<EventPage> {
    inbox.open(
      await connection.read(subscriptionRequest(connection.names, logPositionOf(progress.reached), filter)),
    );
    while (!signal.aborted) {
      const { events, reached } = takeIn(await inbox.some(batchSize), progress.reached, {
        filter,
        names: connection.names,
      });
      if (signal.aborted) return;
      Object.assign(progress, { reached, failures: 0 });
      if (events.length > 0)
        yield { events: events.map((event) => inCurrentVersion(event, registry)), position: reached };
    }
  }

  /** Throws again what no new subscription helps against. */
  const failed = (caught: unknown): void => {
    const error = asStoreError(connection.where, caught);
    if (signal.aborted) return;
    if (!(error instanceof TransientError)) throw error;
    progress.failures += 1;
    if (progress.failures > 1) return;
    const fields = { eventStore: connection.where, position: progress.reached, reason: error.message };
    logger?.warn(fields, 'subscribing to EventStoreDB again');
  };

  while (!signal.aborted) {
    const inbox = mailbox(batchSize * 2, signal);
    try {
      yield* pages(inbox);
    } catch (error) {
      failed(error);
    } finally {
      inbox.close();
    }
    if (!signal.aborted) await patience.afterFailure(progress.failures, signal);
  }
}

interface Progress {
  reached: Position;
  /** In a row. */
  failures: number;
}

const takeIn = (
  responses: readonly ReadResp[],
  start: Position,
  { filter, names }: { readonly filter: EventFilter; readonly names: StreamNames },
) => {
  const events: RecordedEvent[] = [];
  let reached = start;
  for (const response of responses) {
    const position = positionIn(response);
    if (position === null || position <= reached) continue;
    reached = position;
    const event = recordedEvent(response.getEvent(), names);
    if (event && matches(event, filter)) events.push(event);
  }
  return { events, reached };
};

/** null for what says nothing of how far the log was read: the confirmation, "caught up", "fell behind". */
const positionIn = (response: ReadResp): Position | null => {
  const place = response.getCheckpoint() ?? response.getEvent()?.getEvent();
  if (!place) return null;
  return positionOf({ commit: place.getCommitPosition(), prepare: place.getPreparePosition() });
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

type Mailbox = ReturnType<typeof mailbox>;

/**
 * What has come and was not taken yet. When it is full the call is paused, and the protocol makes the server wait. While the
 * server catches up, pages are filled; once it says that it has, they are handed over as they come.
 */
const mailbox = (most: number, signal: AbortSignal) => {
  let items: ReadResp[] = [];
  let ended: { readonly error: unknown } | null = null;
  let live = false;
  let call: ReadCall | null = null;
  let wake = (): void => undefined;
  const woken = (): void => wake();
  signal.addEventListener('abort', woken);

  const end = (error: unknown): void => {
    ended ??= { error };
    wake();
  };

  const take = (response: ReadResp): void => {
    if (response.hasCaughtUp()) live = true;
    else if (response.hasFellBehind()) live = false;
    else if (positionIn(response) !== null) items.push(response);
    if (items.length >= most) call?.pause();
    wake();
  };

  /** A checkpoint at the end means that nothing of ours follows soon. */
  const isPage = (count: number): boolean =>
    items.length >= count ||
    (items.length > 0 && (live || ended !== null || items.at(-1)?.hasCheckpoint() === true));

  return {
    open: (opened: ReadCall): void => {
      call = opened;
      opened.on('data', take);
      opened.on('error', end);
      opened.on('end', () => end(new TransientError('The server ended the subscription.')));
    },
    /** At least one, at most `count`, unless the signal aborts. Throws what the call ended with, after all that came before. */
    some: async (count: number): Promise<readonly ReadResp[]> => {
      while (!isPage(count) && !signal.aborted) {
        if (ended) throw ended.error;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        // What the same packet brought comes along.
        if (live) await turn();
      }
      const taken = items.slice(0, count);
      items = items.slice(count);
      if (items.length < most) call?.resume();
      return taken;
    },
    close: (): void => {
      signal.removeEventListener('abort', woken);
      call?.cancel();
    },
  };
};
