import type { WebhookDeliveryResource } from '@partitura/shared/http';
import type { CollectionDefinition, Document } from '@partitura/shared/read-models';
import type { Webhook } from '../webhooks/webhook.ts';

/** Each knows the last event that is in it: the same again is passed over. */
interface Projected extends Document {
  readonly position: string;
}

export interface WebhookDocument extends Webhook, Projected {
  readonly createdAt: string;
  readonly createdPosition: string;
  readonly updatedAt: string;
  readonly revision: number;
}

/** One event on its way to one webhook. */
export interface DeliveryDocument extends Projected, Omit<WebhookDeliveryResource, 'id' | 'position'> {
  readonly laneId: string;
  /** Where the event is read again to be sent. */
  readonly stream: string;
  readonly revision: number;
  readonly eventPosition: string;
}

/** What keeps its order. Due when something in it waits. */
export interface LaneDocument extends Projected {
  readonly webhookId: string;
  /** ISO 8601; null when nothing waits. */
  readonly dueAt: string | null;
  /** Positions of the last event that is to be sent, and of the last of which it is known what became. */
  readonly queuedThrough: string;
  readonly settledThrough: string;
}

/** Names the checkpoint. Another shape of document is another version: then all are made again, from the log. */
export const recordsName = 'notifier@2';
const build = { version: 2, generation: 1 };

export const webhookDocuments: CollectionDefinition = {
  ...build,
  name: 'webhooks',
  indexes: [['organizationId', 'createdPosition'], ['createdPosition']],
};

export const deliveryDocuments: CollectionDefinition = {
  ...build,
  name: 'webhook_deliveries',
  indexes: [
    ['webhookId', 'eventPosition'],
    ['webhookId', 'status', 'eventPosition'],
    ['laneId', 'status', 'eventPosition'],
  ],
};

export const laneDocuments: CollectionDefinition = {
  ...build,
  name: 'webhook_lanes',
  indexes: [['webhookId', 'dueAt']],
};
