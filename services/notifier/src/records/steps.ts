import { parseStreamName, type RecordedEvent, registry, type WebhookEvent } from '@partitura/shared/events';
import { deliveryIdOf, laneOf, testLaneOf, webhookIdIn } from '../deliveries/names.ts';
import { isOutgoing, isWanted } from '../webhooks/filter.ts';
import { evolveWebhook } from '../webhooks/webhook.ts';
import type { WebhookDocument } from './documents.ts';

export type RecordedWebhookEvent = {
  [Type in WebhookEvent['type']]: RecordedEvent<Extract<WebhookEvent, { type: Type }>>;
}[WebhookEvent['type']];

/** What an event means for deliveries. */
export type Step =
  | {
      readonly kind: 'queue';
      readonly event: RecordedEvent;
      readonly webhookId: string;
      readonly deliveryId: string;
      readonly laneId: string;
    }
  | { readonly kind: 'outcome'; readonly event: RecordedWebhookEvent; readonly laneId: string }
  /** What waits for it waits for nothing. */
  | { readonly kind: 'remove'; readonly event: RecordedWebhookEvent; readonly webhookId: string };

export type Webhooks = ReadonlyMap<string, WebhookDocument>;

export interface Steps {
  readonly webhooks: Webhooks;
  /** Whose documents are others now, or are no more. */
  readonly touched: ReadonlySet<string>;
  readonly steps: readonly Step[];
}

const isWebhookEvent = (event: RecordedEvent): event is RecordedWebhookEvent =>
  Object.hasOwn(registry.webhook, event.type);

/** Goes through events in the log's order: an event is for those that were registered when it was recorded. Pure. */
export const stepsOf = (events: readonly RecordedEvent[], before: Webhooks): Steps => {
  const webhooks = new Map(before);
  const touched = new Set<string>();
  const steps: Step[] = [];
  for (const event of events) {
    if (!isWebhookEvent(event)) {
      if (isOutgoing(event)) steps.push(...queueSteps(event, webhooks));
      continue;
    }
    const { id } = parseStreamName(event.stream);
    if (id.includes('.')) steps.push(...laneSteps(event, id, webhooks));
    else {
      register(webhooks, event, id);
      touched.add(id);
      if (event.type === 'webhook.removed') steps.push({ kind: 'remove', event, webhookId: id });
    }
  }
  return { webhooks, touched, steps };
};

const queueSteps = (event: RecordedEvent, webhooks: Webhooks): readonly Step[] =>
  [...webhooks.values()]
    .filter((webhook) => isWanted(webhook, event))
    .map(({ id }) => queued(event, id, laneOf(id, event)));

const queued = (event: RecordedEvent, webhookId: string, laneId: string): Step => ({
  kind: 'queue',
  event,
  webhookId,
  deliveryId: deliveryIdOf(webhookId, event.id),
  laneId,
});

const laneSteps = (event: RecordedWebhookEvent, laneId: string, webhooks: Webhooks): readonly Step[] => {
  const asked = event.type === 'webhook.tested' || event.type === 'webhook.redelivery_requested';
  // Its webhook was removed while somebody asked for it.
  if (asked && !webhooks.has(webhookIdIn(laneId))) return [];
  if (event.type !== 'webhook.tested') return [{ kind: 'outcome', event, laneId }];
  const { webhookId } = event.data;
  return [queued(event, webhookId, testLaneOf(webhookId))];
};

const register = (webhooks: Map<string, WebhookDocument>, event: RecordedWebhookEvent, id: string): void => {
  const before = webhooks.get(id);
  if (before && before.position >= event.position) return;
  const webhook = evolveWebhook(before ?? null, event);
  if (webhook === null || webhook.removed) webhooks.delete(id);
  else
    webhooks.set(id, {
      ...webhook,
      createdAt: before?.createdAt ?? event.time,
      createdPosition: before?.createdPosition ?? event.position,
      updatedAt: event.time,
      revision: event.revision,
      position: event.position,
    });
};

/** Ids of what the steps change. */
export const idsIn = (
  steps: readonly Step[],
): { readonly deliveries: ReadonlySet<string>; readonly lanes: ReadonlySet<string> } => {
  const deliveries = new Set<string>();
  const lanes = new Set<string>();
  for (const step of steps) {
    if (step.kind === 'remove') continue;
    lanes.add(step.laneId);
    for (const id of step.kind === 'queue' ? [step.deliveryId] : deliveriesOf(step.event)) deliveries.add(id);
  }
  return { deliveries, lanes };
};

export const deliveriesOf = ({ type, data }: RecordedWebhookEvent): readonly string[] => {
  switch (type) {
    case 'webhook.delivered':
      return data.deliveries.map(({ deliveryId }) => deliveryId);
    case 'webhook.attempt_failed':
    case 'webhook.dead_lettered':
    case 'webhook.redelivery_requested':
      return [data.deliveryId];
    default:
      return [];
  }
};
