import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import * as resource from '../resources.ts';
import { accepted, byId, nothing, paged, pageOf, paging, read } from './shapes.ts';

const url = z.string().min(1).max(2_000);
const description = z.string().max(500);
/** `task.completed`, `task.*`, or `*`. */
const types = z
  .array(
    z
      .string()
      .max(100)
      .regex(/^(\*|[a-z_]+(\.[a-z_]+)*(\.\*)?)$/, 'has to be an event type, as in task.completed or task.*'),
  )
  .max(100);
const idsOf = z.array(z.string().min(1).max(200)).max(100);

export const createWebhookBody = z.strictObject({
  url,
  description: description.default(''),
  types: types.default([]),
  projectIds: idsOf.default([]),
  runIds: idsOf.default([]),
});

const changeWebhookBody = z.strictObject({
  url: url.optional(),
  description: description.optional(),
  types: types.optional(),
  projectIds: idsOf.optional(),
  runIds: idsOf.optional(),
  enabled: z.boolean().optional(),
});

const byDelivery = z.strictObject({
  id: z.string().min(1).max(200),
  delivery: z.string().min(1).max(200),
});

const owned = { owner: 'notifier', role: 'admin', query: nothing } as const;
/** What is sent where may be looked at by whoever may tell runs what to do. */
const looked = { method: 'GET', owner: 'notifier', role: 'operator', body: null, status: 200 } as const;

export const webhookOperations = {
  createWebhook: defineOperation({
    ...owned,
    method: 'POST',
    path: '/webhooks',
    summary: 'Be told of what is recorded from now on.',
    description:
      'Without types, projects or runs it is told of everything. The secret is shown in this answer and never again.',
    params: nothing,
    body: createWebhookBody,
    result: resource.createdWebhookResource,
    status: 201,
    secretAnswer: true,
  }),
  listWebhooks: defineOperation({
    ...looked,
    path: '/webhooks',
    summary: 'Webhooks, newest first.',
    params: nothing,
    query: paged,
    result: pageOf(resource.webhookResource),
  }),
  getWebhook: defineOperation({
    ...looked,
    path: '/webhooks/:id',
    summary: 'A webhook.',
    params: byId,
    query: read,
    result: resource.webhookResource,
  }),
  changeWebhook: defineOperation({
    ...owned,
    method: 'PATCH',
    path: '/webhooks/:id',
    summary: 'Change where it goes or what it is told of, switch it off, or on again.',
    params: byId,
    body: changeWebhookBody,
    result: resource.webhookResource,
    status: 200,
  }),
  removeWebhook: defineOperation({
    ...owned,
    method: 'DELETE',
    path: '/webhooks/:id',
    summary: 'Remove it. What is due is cancelled; what became of the others can be looked up.',
    params: byId,
    body: null,
    result: accepted,
    status: 200,
  }),
  listWebhookDeliveries: defineOperation({
    ...looked,
    path: '/webhooks/:id/deliveries',
    summary: 'What was sent to it, and what waits, newest first: also when it was removed.',
    params: byId,
    query: z.strictObject({ ...paging, status: z.enum(resource.deliveryStatuses).optional() }),
    result: pageOf(resource.webhookDeliveryResource),
  }),
  testWebhook: defineOperation({
    ...owned,
    method: 'POST',
    path: '/webhooks/:id/test',
    summary: 'Send it an event of the type webhook.tested. The id is that of the delivery.',
    params: byId,
    body: null,
    result: accepted,
    status: 202,
  }),
  redeliverWebhook: defineOperation({
    ...owned,
    method: 'POST',
    path: '/webhooks/:id/deliveries/:delivery/redeliver',
    summary: 'Send it again, now, with the same webhook-id.',
    params: byDelivery,
    body: null,
    result: accepted,
    status: 202,
  }),
  rotateWebhookSecret: defineOperation({
    ...owned,
    method: 'POST',
    path: '/webhooks/:id/secret/rotate',
    summary: 'A new secret. The one before signs too, for 24 hours.',
    params: byId,
    body: null,
    result: resource.createdWebhookResource,
    status: 200,
    secretAnswer: true,
  }),
};
