import type { WebhookEvent } from '@partitura/shared/events';
import type { Decider } from '@partitura/shared/processing';
import { retryAt } from './schedule.ts';

type DataOf<Type extends WebhookEvent['type']> = Extract<WebhookEvent, { type: Type }>['data'];
export type Taken = DataOf<'webhook.delivered'>['deliveries'][number];
export type Failed = Omit<DataOf<'webhook.attempt_failed'>, 'retryAt'>;
export type Again = DataOf<'webhook.redelivery_requested'>;

/** How far one delivery has come. One of which nothing is recorded has not been tried. */
export type Progress =
  | { readonly kind: 'settled' }
  | {
      readonly kind: 'open';
      readonly attempts: number;
      /** Milliseconds since the epoch. */
      readonly dueAt: number;
    };

/** What `webhook-<id>.<lane>` says, folded. */
export type LaneState = Map<string, Progress>;

export type LaneCommand =
  | { readonly kind: 'record_taken'; readonly webhookId: string; readonly taken: readonly Taken[] }
  | {
      readonly kind: 'record_failure';
      readonly failed: Failed;
      /** Milliseconds since the epoch. */
      readonly queuedAt: number;
      readonly chance: number;
      /** It is tried again, whatever the schedule says: the consumer is switched off, and this waits for it. */
      readonly keep: boolean;
    }
  | { readonly kind: 'ask_again'; readonly again: Again }
  | { readonly kind: 'test'; readonly webhookId: string };

const decide = (command: LaneCommand, state: LaneState): readonly WebhookEvent[] => {
  switch (command.kind) {
    case 'record_taken': {
      // Another notifier may have sent it as well, and have been first to say so.
      const deliveries = command.taken.filter(({ deliveryId }) => state.get(deliveryId)?.kind !== 'settled');
      const { webhookId } = command;
      return deliveries.length === 0 ? [] : [{ type: 'webhook.delivered', data: { webhookId, deliveries } }];
    }
    case 'record_failure':
      return recordFailure(command, state);
    case 'ask_again':
      return [{ type: 'webhook.redelivery_requested', data: command.again }];
    case 'test':
      return [{ type: 'webhook.tested', data: { webhookId: command.webhookId } }];
  }
};

const recordFailure = (
  { failed, queuedAt, chance, keep }: Extract<LaneCommand, { kind: 'record_failure' }>,
  state: LaneState,
): readonly WebhookEvent[] => {
  const before = state.get(failed.deliveryId);
  if (before?.kind === 'settled' || (before?.attempts ?? 0) >= failed.attempt) return [];
  const at = Date.parse(failed.at);
  const next = keep ? at : retryAt({ attempt: failed.attempt, at, queuedAt, chance });
  if (next === null) return [{ type: 'webhook.dead_lettered', data: failed }];
  return [{ type: 'webhook.attempt_failed', data: { ...failed, retryAt: new Date(next).toISOString() } }];
};

const evolve = (state: LaneState, event: WebhookEvent): LaneState => {
  switch (event.type) {
    case 'webhook.delivered':
      for (const { deliveryId } of event.data.deliveries) state.set(deliveryId, { kind: 'settled' });
      break;
    case 'webhook.dead_lettered':
      state.set(event.data.deliveryId, { kind: 'settled' });
      break;
    case 'webhook.attempt_failed': {
      const { deliveryId, attempt, retryAt: due } = event.data;
      state.set(deliveryId, { kind: 'open', attempts: attempt, dueAt: Date.parse(due) });
      break;
    }
    case 'webhook.redelivery_requested':
      state.set(event.data.deliveryId, { kind: 'open', attempts: 0, dueAt: 0 });
      break;
    default:
      break;
  }
  return state;
};

export const laneDecider: Decider<LaneState, LaneCommand, WebhookEvent> = {
  initial: () => new Map(),
  decide,
  evolve,
  copy: (state) => new Map(state),
};
