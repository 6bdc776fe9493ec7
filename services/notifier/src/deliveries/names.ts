import { sha256 } from '@partitura/shared/canonical';
import { parseStreamName, type RecordedEvent, type StreamName, streamName } from '@partitura/shared/events';
import { placeOf } from '@partitura/shared/http';

/**
 * What the consumer sees as `webhook-id`: made from webhook and event, so that however often it is sent, by whomever, after whatever
 * crash, it is the same.
 */
export const deliveryIdOf = (webhookId: string, eventId: string): string =>
  `msg_${sha256(JSON.stringify([webhookId, eventId])).slice(0, 32)}`;

/**
 * In which order is kept: of a run, else of a project, else of the stream. `<webhook>.<what>`; webhooks have no dot in their ids.
 */
export const laneOf = (webhookId: string, event: RecordedEvent): string => {
  const { projectId, runId } = placeOf(event);
  return `${webhookId}.${runId ?? projectId ?? parseStreamName(event.stream).id}`;
};

/** Tests are sent beside everything else. */
export const testLaneOf = (webhookId: string): string => `${webhookId}.tests`;

/** What is sent again is no part of an order any more, and holds up nothing. */
export const againLaneOf = (webhookId: string, deliveryId: string): string => `${webhookId}.${deliveryId}`;

export const laneStream = (laneId: string): StreamName => streamName('webhook', laneId);
export const webhookStream = (webhookId: string): StreamName => streamName('webhook', webhookId);
export const webhookIdIn = (laneId: string): string => laneId.split('.', 1)[0] ?? laneId;
