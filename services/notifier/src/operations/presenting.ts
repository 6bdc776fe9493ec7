import type { EventStore } from '@partitura/shared/event-store';
import type { WebhookResource } from '@partitura/shared/http';
import { webhookStream } from '../deliveries/names.ts';
import { webhookNotFound } from '../webhooks/decider.ts';
import type { Webhook } from '../webhooks/webhook.ts';

/** Of its first event, or of its last. */
export const timeOf = async (
  store: EventStore,
  id: string,
  direction: 'forwards' | 'backwards',
): Promise<string> => {
  for await (const [event] of store.readStream(webhookStream(id), { direction, limit: 1 }))
    if (event) return event.time;
  throw webhookNotFound();
};

type Shown = Webhook & Pick<WebhookResource, 'createdAt' | 'updatedAt' | 'revision' | 'position'>;

export const presentWebhook = (webhook: Shown): WebhookResource => {
  const { id, url, description, types, projectIds, runIds, disabled } = webhook;
  const { createdAt, updatedAt, revision, position } = webhook;
  return {
    id,
    url,
    description,
    types: [...types],
    projectIds: [...projectIds],
    runIds: [...runIds],
    enabled: disabled === null,
    disabledReason: disabled,
    createdAt,
    updatedAt,
    revision,
    position,
  };
};
