import type { WebhookEvent } from '@partitura/shared/events';
import type { CommandHandler } from '@partitura/shared/processing';
import type { Document, ReadModels } from '@partitura/shared/read-models';
import type { Clock, Logger, Randomness } from '@partitura/shared/runtime';
import type { Failed, LaneCommand, LaneState, Taken } from '../deliveries/lane.ts';
import { laneStream, webhookIdIn, webhookStream } from '../deliveries/names.ts';
import { type DeliveryDocument, deliveryDocuments } from '../records/documents.ts';
import type { WebhookCommand } from '../webhooks/decider.ts';
import type { Webhook, WebhookState } from '../webhooks/webhook.ts';
import { type AttemptDependencies, type Attempted, attempt } from './attempts.ts';
import { serviceCause } from './cause.ts';

export interface LaneRunnerDependencies extends AttemptDependencies {
  readonly readModels: ReadModels;
  readonly webhooks: CommandHandler<WebhookState, WebhookCommand, WebhookEvent>;
  readonly lanes: CommandHandler<LaneState, LaneCommand, WebhookEvent>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
}

/** So many that were taken are recorded together, or those of so long: what a crash in between costs is sent again. */
const mostTogether = 50;
const longestTogetherMs = 1_000;
const pageSize = 50;
const goneStatus = 410;

/** What is known of a lane by whoever sends from it now. */
interface Trip {
  readonly laneId: string;
  readonly webhookId: string;
  readonly signal: AbortSignal;
  readonly state: LaneState;
  /** Sent, and not recorded yet. */
  taken: Taken[];
}

/**
 * Sends what waits in a lane, in order: the next one only after the one before was taken or given up. What was sent already stands in
 * the lane's stream, whatever the documents say: they follow a moment later, and are made again from the beginning when they are lost.
 */
export const laneRunner = (dependencies: LaneRunnerDependencies) => {
  const { readModels, webhooks, lanes, clock, randomness, logger } = dependencies;

  const flush = async (trip: Trip): Promise<void> => {
    const { taken, laneId, webhookId } = trip;
    if (taken.length === 0) return;
    trip.taken = [];
    const first = taken[0]?.deliveryId ?? laneId;
    await record(laneId, `${first}/taken/${taken[0]?.at}`, { kind: 'record_taken', webhookId, taken });
  };

  const record = async (laneId: string, cause: string, command: LaneCommand): Promise<void> => {
    const webhook = await webhookOf(webhookIdIn(laneId));
    const { commandId, metadata } = serviceCause(cause, webhook);
    await lanes.handle(laneStream(laneId), { command, commandId, metadata, at: clock.now() });
  };

  const webhookOf = async (webhookId: string): Promise<Webhook | null> =>
    (await webhooks.read(webhookStream(webhookId), { fresh: true })).state;

  const noteTaken = async (trip: Trip, delivery: DeliveryDocument, made: Attempted): Promise<void> => {
    const { deliveryId, eventId, eventPosition, ...tried } = triedOf(trip, delivery, made);
    trip.state.set(deliveryId, { kind: 'settled' });
    trip.taken.push({ deliveryId, eventId, eventPosition, ...tried });
    const since = Date.parse(trip.taken[0]?.at ?? tried.at);
    if (trip.taken.length >= mostTogether || clock.now() - since >= longestTogetherMs) await flush(trip);
  };

  /** Whether the next of the lane may be sent. */
  const noteFailed = async (
    trip: Trip,
    delivery: DeliveryDocument,
    made: Attempted,
    problem: Failed['problem'],
  ): Promise<boolean> => {
    const { laneId, webhookId } = trip;
    await flush(trip);
    const isGone = made.answer.status === goneStatus;
    const failed: Failed = { webhookId, ...triedOf(trip, delivery, made), problem };
    logger.info({ webhook: webhookId, delivery: delivery.id, problem, attempt: failed.attempt }, 'not taken');
    if (isGone) await noteGone(webhookId, failed);
    const queuedAt = Date.parse(delivery.queuedAt);
    await record(laneId, `${delivery.id}/failed/${delivery.queuedAt}/${failed.attempt}`, {
      kind: 'record_failure',
      failed,
      queuedAt,
      chance: randomness.next(),
      keep: isGone,
    });
    const { state } = await lanes.read(laneStream(laneId));
    const progress = state.get(delivery.id);
    if (progress) trip.state.set(delivery.id, progress);
    return progress?.kind === 'settled';
  };

  const noteGone = async (webhookId: string, { deliveryId, at }: Failed): Promise<void> => {
    const webhook = await webhookOf(webhookId);
    await webhooks.handle(webhookStream(webhookId), {
      ...serviceCause(`${deliveryId}/gone/${at}`, webhook),
      at: clock.now(),
      command: { kind: 'note_gone', detail: `It answered ${goneStatus} to ${deliveryId}.` },
    });
  };

  /** Whether the next one may be sent. */
  const deliver = async (trip: Trip, delivery: DeliveryDocument): Promise<boolean> => {
    trip.signal.throwIfAborted();
    const progress = trip.state.get(delivery.id);
    if (progress?.kind === 'open' && progress.dueAt > clock.now()) return false;
    const webhook = await webhookOf(trip.webhookId);
    if (webhook === null || webhook.removed || webhook.disabled !== null) return false;
    const made = await attempt(dependencies, webhook, delivery, trip.signal);
    const { problem } = made.answer;
    if (problem !== null) return noteFailed(trip, delivery, made, problem);
    await noteTaken(trip, delivery, made);
    return true;
  };

  /** Goes through what waits once. Answers whether it is worth looking again. */
  const pass = async (trip: Trip): Promise<boolean> => {
    let sent = 0;
    for await (const delivery of pendingOf(readModels, trip.laneId)) {
      if (trip.state.get(delivery.id)?.kind === 'settled') continue;
      if (!(await deliver(trip, delivery))) return false;
      sent += 1;
    }
    return sent > 0;
  };

  const run = async (laneId: string, signal: AbortSignal): Promise<void> => {
    const stream = laneStream(laneId);
    const { state } = await lanes.read(stream, { fresh: true });
    const trip: Trip = {
      laneId,
      webhookId: webhookIdIn(laneId),
      signal,
      state: new Map(state),
      taken: [],
    };
    try {
      let again = true;
      while (again) {
        again = await pass(trip);
        // Before looking again: what comes while this is recorded is seen then.
        await flush(trip);
      }
    } finally {
      await flush(trip);
      lanes.forget(stream);
    }
  };
  return { run };
};
export type LaneRunner = ReturnType<typeof laneRunner>;

const triedOf = ({ state }: Trip, delivery: DeliveryDocument, { answer, at }: Attempted) => {
  const before = state.get(delivery.id);
  return {
    deliveryId: delivery.id,
    eventId: delivery.eventId,
    eventPosition: delivery.eventPosition,
    attempt: (before?.kind === 'open' ? before.attempts : 0) + 1,
    at: new Date(at).toISOString(),
    status: answer.status,
    latencyMs: Math.max(0, Math.round(answer.latencyMs)),
    responseHead: answer.head,
  };
};

async function* pendingOf(
  readModels: Pick<ReadModels, 'find'>,
  laneId: string,
): AsyncIterable<DeliveryDocument> {
  let cursor: string | null = null;
  do {
    const page: { items: readonly Document[]; nextCursor: string | null } = await readModels.find(
      deliveryDocuments,
      {
        where: { laneId, status: 'pending' },
        sort: { field: 'eventPosition', direction: 'ascending' },
        limit: pageSize,
        ...(cursor === null ? {} : { cursor }),
      },
    );
    // The collection has nothing but deliveries.
    yield* page.items as readonly DeliveryDocument[];
    cursor = page.nextCursor;
  } while (cursor !== null);
}
