import { z } from 'zod';
import { contract, type EventOf } from './define.ts';
import { problem } from './values.ts';

const hex = z.string().regex(/^([0-9a-f]{2})+$/);

/**
 * A signing secret as the log may keep it: AES-256-GCM under the key named, bound to its webhook. Hexadecimal, because what takes
 * secrets out of a log knows many by letters that base64 may have by chance.
 */
export const sealedSecret = z.strictObject({ keyId: z.string(), iv: hex, ciphertext: hex, tag: hex });
export type SealedSecret = z.infer<typeof sealedSecret>;

const registration = {
  url: z.string(),
  description: z.string(),
  /** Empty: every type, project or run. `task.*` stands for all types that begin with `task.`. */
  types: z.array(z.string()),
  projectIds: z.array(z.string()),
  runIds: z.array(z.string()),
};

const delivery = {
  webhookId: z.string(),
  /** The `webhook-id` that the consumer sees, however often it is sent. */
  deliveryId: z.string(),
  eventId: z.string(),
  eventPosition: z.string(),
};

const attempt = {
  attempt: z.int().positive(),
  at: z.iso.datetime(),
  /** Of the consumer's answer; null when there was none. */
  status: z.int().nullable(),
  latencyMs: z.int().nonnegative(),
  /** What the answer's body begins with. */
  responseHead: z.string().max(1_024),
};

/**
 * Streams `webhook-<id>` (what it is) and `webhook-<id>.<lane>` (what became of what was sent to it; a lane is a run, a project, or
 * one delivery that is sent again), owned by the notifier. None of them is ever sent to a webhook, but for the test.
 */
export const webhookEvents = {
  'webhook.registered': contract(
    'Somebody wants to be told. What is recorded from here on is sent there.',
    z.strictObject({
      webhookId: z.string(),
      organizationId: z.string(),
      ...registration,
      secret: sealedSecret,
    }),
  ),
  'webhook.changed': contract('It goes elsewhere, or asks for something else.', z.strictObject(registration)),
  'webhook.secret_rotated': contract(
    'A new secret signs; the one before signs too, until `previousUntil`.',
    z.strictObject({ secret: sealedSecret, previousUntil: z.iso.datetime() }),
  ),
  'webhook.disabled': contract(
    'Nothing is sent any more; what was due before waits.',
    z.strictObject({ reason: z.enum(['operator', 'gone']), detail: z.string() }),
  ),
  'webhook.enabled': contract(
    'It is told again, of what was due and of what comes from here on.',
    z.strictObject({}),
  ),
  'webhook.removed': contract('Nobody is told any more; what was due is cancelled.', z.strictObject({})),

  'webhook.tested': contract(
    'An operator wants to see whether it arrives. This very event is sent.',
    z.strictObject({ webhookId: z.string() }),
  ),
  'webhook.delivered': contract(
    'The consumer took these, one after the other. Many in one event: one each would double the log of a run.',
    z.strictObject({
      webhookId: z.string(),
      deliveries: z.array(
        z.strictObject({
          deliveryId: z.string(),
          eventId: z.string(),
          eventPosition: z.string(),
          ...attempt,
        }),
      ),
    }),
  ),
  'webhook.attempt_failed': contract(
    'The consumer did not take it; there will be another attempt at `retryAt`.',
    z.strictObject({ ...delivery, ...attempt, problem, retryAt: z.iso.datetime() }),
  ),
  'webhook.dead_lettered': contract(
    'The last attempt failed; it is not sent again unless somebody asks for it.',
    z.strictObject({ ...delivery, ...attempt, problem }),
  ),
  'webhook.redelivery_requested': contract(
    'An operator wants it sent again, whatever became of it before.',
    z.strictObject(delivery),
  ),
};
export type WebhookEvent = EventOf<typeof webhookEvents>;
