import type { SealedSecret, WebhookEvent } from '@partitura/shared/events';

export interface WebhookFilters {
  readonly types: readonly string[];
  readonly projectIds: readonly string[];
  readonly runIds: readonly string[];
}

export interface Registration extends WebhookFilters {
  readonly url: string;
  readonly description: string;
}

export interface SigningSecret {
  readonly sealed: SealedSecret;
  /** ISO 8601; null for the current one. */
  readonly until: string | null;
}

/** What `webhook-<id>` says, folded. Never changed in place. */
export interface Webhook extends Registration {
  readonly id: string;
  readonly organizationId: string;
  /** The current one first. */
  readonly secrets: readonly SigningSecret[];
  readonly disabled: 'operator' | 'gone' | null;
  readonly removed: boolean;
}

/** Null before it is registered. */
export type WebhookState = Webhook | null;

export const evolveWebhook = (state: WebhookState, event: WebhookEvent): WebhookState => {
  if (event.type === 'webhook.registered') {
    const { webhookId: id, secret, ...registration } = event.data;
    const secrets = [{ sealed: secret, until: null }];
    return { id, ...registration, secrets, disabled: null, removed: false };
  }
  return state === null ? null : { ...state, ...changeOf(state, event) };
};

const changeOf = (webhook: Webhook, event: WebhookEvent): Partial<Webhook> => {
  switch (event.type) {
    case 'webhook.changed':
      return event.data;
    case 'webhook.secret_rotated': {
      const { secret, previousUntil } = event.data;
      const before = webhook.secrets.map(({ sealed, until }) => ({ sealed, until: until ?? previousUntil }));
      // Whoever rotates three times in a day keeps no more than two that sign.
      return { secrets: [{ sealed: secret, until: null }, ...before].slice(0, 2) };
    }
    case 'webhook.disabled':
      return { disabled: event.data.reason };
    case 'webhook.enabled':
      return { disabled: null };
    case 'webhook.removed':
      return { removed: true };
    // Of its lanes.
    case 'webhook.registered':
    case 'webhook.tested':
    case 'webhook.delivered':
    case 'webhook.attempt_failed':
    case 'webhook.dead_lettered':
    case 'webhook.redelivery_requested':
      return {};
  }
};

/** Those that sign at a time, in milliseconds since the epoch. */
export const secretsAt = ({ secrets }: Webhook, at: number): readonly SealedSecret[] =>
  secrets.filter(({ until }) => until === null || Date.parse(until) > at).map(({ sealed }) => sealed);
