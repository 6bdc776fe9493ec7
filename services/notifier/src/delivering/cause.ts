import { asOrganizationId, type EventMetadata } from '@partitura/shared/events';
import type { Webhook } from '../webhooks/webhook.ts';

export const source = '/notifier';

/** What the notifier records of its own accord. The cause names what was done: recorded twice, it is recorded once. */
export const serviceCause = (
  cause: string,
  webhook: Pick<Webhook, 'id' | 'organizationId'> | null,
): { readonly commandId: string; readonly metadata: EventMetadata } => ({
  commandId: cause,
  metadata: {
    source,
    actor: 'service:notifier',
    correlationId: webhook?.id ?? cause,
    causationId: cause,
    ...(webhook === null ? {} : { organizationId: asOrganizationId(webhook.organizationId) }),
  },
});
