import type { Examples } from './example.ts';
import { ids, of, pageOf, positions } from './samples.ts';

const webhook = {
  id: 'w_6b3e9r1t5z',
  url: 'https://ci.example.com/partitura',
  description: 'The deployment pipeline.',
  types: ['run.completed', 'run.failed'],
  projectIds: [],
  runIds: [],
  enabled: true,
  disabledReason: null,
  createdAt: '2026-03-02T08:00:00.000Z',
  updatedAt: '2026-03-02T08:00:00.000Z',
  revision: 0,
  position: positions.earlier,
};
const params = of(webhook.id);
const delivery = 'd_2q7w4e8r1t';
const secret = 'whsec_<base64>';

export const webhookExamples = {
  createWebhook: {
    body: { url: webhook.url, description: webhook.description, types: webhook.types },
    result: { ...webhook, secret },
  },
  listWebhooks: { result: pageOf(webhook) },
  getWebhook: { params, result: webhook },
  changeWebhook: {
    params,
    body: { enabled: false },
    result: { ...webhook, enabled: false, disabledReason: 'operator' },
  },
  removeWebhook: { params, result: { id: webhook.id, position: positions.now } },
  listWebhookDeliveries: {
    params,
    query: { status: 'delivered' },
    result: pageOf({
      id: delivery,
      webhookId: webhook.id,
      eventId: `${ids.run}/60`,
      eventType: 'run.completed',
      projectId: ids.project,
      runId: ids.run,
      status: 'delivered' as const,
      attempts: 1,
      queuedAt: '2026-03-02T09:02:11.000Z',
      lastAttemptAt: '2026-03-02T09:02:11.210Z',
      nextAttemptAt: null,
      responseStatus: 200,
      latencyMs: 84,
      responseHead: 'ok',
      error: null,
      position: positions.now,
    }),
  },
  testWebhook: { params, result: { id: delivery, position: positions.now } },
  redeliverWebhook: { params: { ...params, delivery }, result: { id: delivery, position: positions.now } },
  rotateWebhookSecret: { params, result: { ...webhook, secret } },
} satisfies Examples;
