import type { EventStore } from '@partitura/shared/event-store';
import type { RecordedEvent, StreamName } from '@partitura/shared/events';
import { toCloudEvent } from '@partitura/shared/http';
import { type Clock, PartituraError } from '@partitura/shared/runtime';
import type { DeliveryDocument } from '../records/documents.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import { signedHeaders } from '../secrets/signing.ts';
import type { Answer, Sender } from '../sending/sender.ts';
import { secretsAt, type Webhook } from '../webhooks/webhook.ts';
import type { Gates } from './gates.ts';

export interface AttemptDependencies {
  readonly store: EventStore;
  readonly sender: Sender;
  readonly secrets: SecretBox;
  readonly gates: Gates;
  readonly clock: Clock;
}

export interface Attempted {
  readonly answer: Answer;
  /** When it was sent, in milliseconds since the epoch. */
  readonly at: number;
}

/** Sends one event once. */
export const attempt = async (
  { store, sender, secrets, gates, clock }: AttemptDependencies,
  webhook: Webhook,
  delivery: DeliveryDocument,
  signal: AbortSignal,
): Promise<Attempted> => {
  const body = JSON.stringify(toCloudEvent(await eventOf(store, delivery)));
  const leave = await gates.enter(webhook.id, signal);
  try {
    const at = clock.now();
    const keys = secretsAt(webhook, at).map((sealed) => secrets.open(sealed, webhook.id));
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Partitura-Webhooks/1',
      ...signedHeaders({ id: delivery.id, at, body }, keys),
    };
    return { answer: await sender.send({ url: webhook.url, headers, body }, signal), at };
  } finally {
    leave();
  }
};

const eventOf = async (
  store: EventStore,
  { stream, revision, eventId }: DeliveryDocument,
): Promise<RecordedEvent> => {
  // The name was an event's, when the document was made of it.
  const name = stream as StreamName;
  for await (const [event] of store.readStream(name, { from: revision, limit: 1 }))
    if (event?.id === eventId) return event;
  throw new PartituraError('EVENT_NOT_READABLE', `${stream} has no event ${eventId} at ${revision}.`);
};
