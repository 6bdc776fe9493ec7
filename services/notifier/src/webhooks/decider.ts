import type { SealedSecret, WebhookEvent } from '@partitura/shared/events';
import type { Decider } from '@partitura/shared/processing';
import { PartituraError } from '@partitura/shared/runtime';
import { evolveWebhook, type Registration, type Webhook, type WebhookState } from './webhook.ts';

export type WebhookCommand =
  | {
      readonly kind: 'register';
      readonly webhookId: string;
      readonly organizationId: string;
      readonly registration: Registration;
      readonly secret: SealedSecret;
    }
  /** What is not named stays. */
  | {
      readonly kind: 'change';
      readonly registration: Partial<Registration>;
      readonly enabled: boolean | null;
    }
  | { readonly kind: 'rotate_secret'; readonly secret: SealedSecret; readonly previousUntil: string }
  /** The consumer said that it is gone for good. */
  | { readonly kind: 'note_gone'; readonly detail: string }
  | { readonly kind: 'remove' };

const decide = (command: WebhookCommand, state: WebhookState): readonly WebhookEvent[] => {
  switch (command.kind) {
    case 'register':
      return register(command, state);
    case 'change': {
      const webhook = there(state);
      return [...change(command.registration, webhook), ...switched(command.enabled, webhook)];
    }
    case 'rotate_secret': {
      there(state);
      const { secret, previousUntil } = command;
      return [{ type: 'webhook.secret_rotated', data: { secret, previousUntil } }];
    }
    case 'note_gone':
      return there(state).disabled === null ? [disabled('gone', command.detail)] : [];
    case 'remove':
      there(state);
      return [{ type: 'webhook.removed', data: {} }];
  }
};

const register = (
  { webhookId, organizationId, registration, secret }: Extract<WebhookCommand, { kind: 'register' }>,
  state: WebhookState,
): readonly WebhookEvent[] => {
  // The same command again: it has the same id, and another secret that nobody will see.
  if (state !== null) return [];
  const data = { webhookId, organizationId, ...copyOf(registration), secret };
  return [{ type: 'webhook.registered', data }];
};

const copyOf = ({ url, description, types, projectIds, runIds }: Registration) => ({
  url,
  description,
  types: [...types],
  projectIds: [...projectIds],
  runIds: [...runIds],
});

const change = (asked: Partial<Registration>, webhook: Webhook): readonly WebhookEvent[] => {
  const before = copyOf(webhook);
  const after = copyOf({ ...webhook, ...asked });
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ type: 'webhook.changed', data: after }];
};

const switched = (enabled: boolean | null, webhook: Webhook): readonly WebhookEvent[] => {
  if (enabled === null || enabled === (webhook.disabled === null)) return [];
  return [enabled ? { type: 'webhook.enabled', data: {} } : disabled('operator', '')];
};

const disabled = (reason: 'operator' | 'gone', detail: string): WebhookEvent => ({
  type: 'webhook.disabled',
  data: { reason, detail },
});

/** @throws {PartituraError} `WEBHOOK_NOT_FOUND` */
export const there = (state: WebhookState): Webhook => {
  if (state !== null && !state.removed) return state;
  throw webhookNotFound();
};

/** The same for one that is another organisation's, was removed, or never was. */
export const webhookNotFound = (): PartituraError =>
  new PartituraError('WEBHOOK_NOT_FOUND', 'There is no such webhook.', {
    advice: 'See what there is with: partitura webhook ls',
  });

export const webhookDecider: Decider<WebhookState, WebhookCommand, WebhookEvent> = {
  initial: () => null,
  decide,
  evolve: evolveWebhook,
  copy: (state) => state,
};
