import type { RecordedEvent } from '@partitura/shared/events';
import { placeOf } from '@partitura/shared/http';
import type { DeliveryDocument, LaneDocument } from './documents.ts';
import type { RecordedWebhookEvent, Step } from './steps.ts';

/** Documents that steps change, as they were before; then as they are after. */
export interface Touched {
  readonly deliveries: Map<string, DeliveryDocument>;
  readonly lanes: Map<string, LaneDocument>;
  /** Lanes that are no more. */
  readonly left: Set<string>;
}

/** What the log says, written down in documents. The same step again changes nothing. */
export const foldStep = (touched: Touched, step: Step): void => {
  if (step.kind === 'queue') queue(touched, step);
  else if (step.kind === 'remove') cancel(touched, step.event, step.webhookId);
  else outcome(touched, step.event, step.laneId);
};

const cancel = (touched: Touched, event: RecordedWebhookEvent, webhookId: string): void => {
  const { deliveries, lanes, left } = touched;
  for (const { id, webhookId: whose, status } of deliveries.values())
    if (whose === webhookId && status === 'pending')
      change(touched, id, event, { status: 'cancelled', nextAttemptAt: null });
  for (const { id, webhookId: whose } of lanes.values())
    if (whose === webhookId) {
      lanes.delete(id);
      left.add(id);
    }
};

const queue = (
  { deliveries, lanes }: Touched,
  { event, webhookId, deliveryId, laneId }: Extract<Step, { kind: 'queue' }>,
): void => {
  if (!deliveries.has(deliveryId))
    deliveries.set(deliveryId, waiting(event, { id: deliveryId, webhookId, laneId }));
  const lane = lanes.get(laneId) ?? emptyLane(laneId, webhookId);
  if (lane.position >= event.position) return;
  const { position } = event;
  lanes.set(laneId, { ...lane, dueAt: lane.dueAt ?? event.time, queuedThrough: position, position });
};

const waiting = (
  event: RecordedEvent,
  names: Pick<DeliveryDocument, 'id' | 'webhookId' | 'laneId'>,
): DeliveryDocument => {
  const { projectId, runId } = placeOf(event);
  return {
    ...names,
    eventId: event.id,
    eventType: event.type,
    projectId,
    runId,
    stream: event.stream,
    revision: event.revision,
    eventPosition: event.position,
    status: 'pending',
    attempts: 0,
    queuedAt: event.time,
    lastAttemptAt: null,
    nextAttemptAt: event.time,
    responseStatus: null,
    latencyMs: null,
    responseHead: null,
    error: null,
    position: event.position,
  };
};

const emptyLane = (id: string, webhookId: string): LaneDocument => ({
  id,
  webhookId,
  dueAt: null,
  queuedThrough: '',
  settledThrough: '',
  position: '',
});

const outcome = (touched: Touched, event: RecordedWebhookEvent, laneId: string): void => {
  switch (event.type) {
    case 'webhook.delivered': {
      for (const taken of event.data.deliveries)
        change(touched, taken.deliveryId, event, { status: 'delivered', ...attemptOf(taken), error: null });
      const last = event.data.deliveries
        .map(({ eventPosition }) => eventPosition)
        .toSorted()
        .at(-1);
      settle(touched, laneId, event, last ?? '');
      return;
    }
    case 'webhook.dead_lettered': {
      const { deliveryId, eventPosition, problem } = event.data;
      change(touched, deliveryId, event, {
        status: 'dead_letter',
        ...attemptOf(event.data),
        error: problem,
      });
      settle(touched, laneId, event, eventPosition);
      return;
    }
    case 'webhook.attempt_failed': {
      const { deliveryId, problem, retryAt } = event.data;
      const failed = { ...attemptOf(event.data), error: problem };
      // It was under way when its webhook was removed: there is no other attempt.
      const isOver = touched.deliveries.get(deliveryId)?.status === 'cancelled';
      change(touched, deliveryId, event, isOver ? failed : { ...failed, nextAttemptAt: retryAt });
      changeLane(touched, laneId, event, () => ({ dueAt: retryAt }));
      return;
    }
    case 'webhook.redelivery_requested':
      again(touched, event, laneId);
      return;
    default:
      return;
  }
};

/** From now on it is in this lane: the one that it was in, or one of its own. */
const again = (
  touched: Touched,
  event: Extract<RecordedWebhookEvent, { type: 'webhook.redelivery_requested' }>,
  laneId: string,
): void => {
  const { deliveryId, webhookId, eventPosition } = event.data;
  change(touched, deliveryId, event, {
    laneId,
    status: 'pending',
    attempts: 0,
    queuedAt: event.time,
    nextAttemptAt: event.time,
  });
  if (!touched.lanes.has(laneId)) touched.lanes.set(laneId, emptyLane(laneId, webhookId));
  changeLane(touched, laneId, event, ({ queuedThrough }) => ({
    dueAt: event.time,
    queuedThrough: queuedThrough > eventPosition ? queuedThrough : eventPosition,
  }));
};

const attemptOf = (attempt: {
  readonly attempt: number;
  readonly at: string;
  readonly status: number | null;
  readonly latencyMs: number;
  readonly responseHead: string;
}): Partial<DeliveryDocument> => ({
  attempts: attempt.attempt,
  lastAttemptAt: attempt.at,
  nextAttemptAt: null,
  responseStatus: attempt.status,
  latencyMs: attempt.latencyMs,
  responseHead: attempt.responseHead,
});

const change = (
  { deliveries }: Touched,
  id: string,
  { position }: RecordedEvent,
  changes: Partial<DeliveryDocument>,
): void => {
  const delivery = deliveries.get(id);
  if (delivery && delivery.position < position) deliveries.set(id, { ...delivery, ...changes, position });
};

const changeLane = (
  { lanes }: Touched,
  id: string,
  { position }: RecordedEvent,
  changes: (lane: LaneDocument) => Partial<LaneDocument>,
): void => {
  const lane = lanes.get(id);
  if (lane && lane.position < position) lanes.set(id, { ...lane, ...changes(lane), position });
};

const settle = (touched: Touched, laneId: string, event: RecordedEvent, through: string): void =>
  changeLane(touched, laneId, event, (lane) => {
    const settledThrough = lane.settledThrough > through ? lane.settledThrough : through;
    return { settledThrough, dueAt: lane.queuedThrough > settledThrough ? event.time : null };
  });
