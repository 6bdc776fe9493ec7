import type { ApiClient, WebhookDeliveryResource, WebhookResource } from '@partitura/shared/http';
import { PartituraError, systemClock } from '@partitura/shared/runtime';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { table } from '../output/table.ts';
import { oneLine } from '../screen/line.ts';
import { inSession, written } from './serve.ts';

export interface AddWebhookFlags {
  readonly type?: readonly string[];
  readonly project?: readonly string[];
  readonly run?: readonly string[];
  readonly description: string;
}

/** `webhook add`: the secret on stdout and nothing else, so that it can go straight to where the consumer finds it. */
export const addWebhook = (
  url: string,
  { type = [], project = [], run = [], description }: AddWebhookFlags,
  context: Context,
) =>
  inSession(context, 'look', async ({ client }) => {
    const body = { url, description, types: [...type], projectIds: [...project], runIds: [...run] };
    const created = await client.call('createWebhook', { body });
    const { secret } = created;
    if (secret === null)
      throw new PartituraError(
        'SECRET_NOT_SHOWN',
        `${created.id} was added, and its secret is not shown again.`,
        {
          advice: `Remove it and add it again: partitura webhook rm ${created.id}`,
        },
      );
    context.output.result(created, () => [secret]);
    if (!context.flags.quiet)
      context.output.warn(
        `${created.id} is added. What signs is shown this once: the consumer verifies with it.`,
      );
    return exitCodes.done;
  });

export const listWebhooks = (context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const items = await allWebhooks(client);
    context.output.result({ items, nextCursor: null }, () =>
      items.length === 0
        ? ['There are no webhooks. Add one with: partitura webhook add https://example.com/hook']
        : written(
            context,
            table(
              [{ title: 'ID' }, { title: 'STATUS' }, { title: 'TYPES' }, { title: 'URL', flexible: true }],
              items.map(rowOf),
              context.terminal.width(),
            ),
          ),
    );
    return exitCodes.done;
  });

const rowOf = ({ id, enabled, disabledReason, types, url }: WebhookResource): readonly string[] => [
  id,
  enabled ? 'on' : `off (${disabledReason ?? 'operator'})`,
  types.length === 0 ? 'all' : types.join(' '),
  oneLine(url),
];

export const removeWebhook = (id: string, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const accepted = await client.call('removeWebhook', { params: { id } });
    context.output.result(accepted, () => [`${accepted.id} is removed.`]);
    return exitCodes.done;
  });

/** A little longer than the one attempt may take. */
const patienceMs = 20_000;
const lookMs = 200;

/** `webhook test`: only who works sends, so without a server it is sent by the next one. */
export const testWebhook = (id: string, context: Context) =>
  inSession(context, 'look', async ({ client, own }) => {
    const test = await client.call('testWebhook', { params: { id } });
    if (own) {
      context.output.result(test, () => ['Nobody sends now; it is sent by the next: partitura up']);
      return exitCodes.done;
    }
    const delivery = await outcomeOf(client, id, test.id);
    context.output.result(delivery, () => [sayOutcome(delivery)]);
    return delivery.status === 'delivered' ? exitCodes.done : exitCodes.error;
  });

/** After its first attempt, or as it is when the time is over. */
const outcomeOf = async (
  client: ApiClient,
  id: string,
  deliveryId: string,
): Promise<WebhookDeliveryResource> => {
  for (let waited = 0; waited <= patienceMs; waited += lookMs) {
    const { items } = await client.call('listWebhookDeliveries', { params: { id }, query: { limit: 100 } });
    const found = items.find((one) => one.id === deliveryId);
    if (found && found.attempts > 0) return found;
    await systemClock.sleep(lookMs);
  }
  throw new PartituraError('WEBHOOK_NOT_TRIED', 'It was not tried within 20 s.', {
    advice: 'Look whether the notifier is there: partitura doctor',
  });
};

const sayOutcome = ({ status, responseStatus, latencyMs, error }: WebhookDeliveryResource): string =>
  status === 'delivered'
    ? `It arrived: ${responseStatus} after ${latencyMs} ms.`
    : `It did not arrive: ${error?.message ?? 'no answer'}`;

const allWebhooks = async (client: ApiClient): Promise<readonly WebhookResource[]> => {
  const items: WebhookResource[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const query = { limit: 500, ...(cursor === undefined ? {} : { cursor }) };
    const page: { items: WebhookResource[]; nextCursor: string | null } = await client.call('listWebhooks', {
      query,
    });
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
};
