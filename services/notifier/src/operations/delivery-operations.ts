import type { CallContext, OperationHandlers, WebhookDeliveryResource } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { LaneCommand } from '../deliveries/lane.ts';
import { againLaneOf, deliveryIdOf, laneStream, testLaneOf } from '../deliveries/names.ts';
import { type DeliveryDocument, deliveryDocuments } from '../records/documents.ts';
import type { Webhook } from '../webhooks/webhook.ts';
import {
  callerCause,
  caughtUp,
  finding,
  findingEver,
  type OperationDependencies,
} from './webhook-operations.ts';

type DeliveryOperations = Pick<
  OperationHandlers,
  'listWebhookDeliveries' | 'testWebhook' | 'redeliverWebhook'
>;

export const deliveryOperations = (dependencies: OperationDependencies): DeliveryOperations => {
  const { lanes, readModels, clock } = dependencies;
  const find = finding(dependencies);
  const findEver = findingEver(dependencies);

  const tell = async (laneId: string, command: LaneCommand, context: CallContext, webhook: Webhook) => {
    const stream = laneStream(laneId);
    const cause = callerCause(context, webhook.organizationId);
    const { position, events } = await lanes.handle(stream, { ...cause, command, at: clock.now() });
    lanes.forget(stream);
    return { position, events };
  };

  const deliveryOf = async (webhookId: string, id: string): Promise<DeliveryDocument> => {
    const [document] = await readModels.getMany(deliveryDocuments, [id]);
    // The collection has nothing but deliveries.
    const delivery = document as DeliveryDocument | undefined;
    if (delivery?.webhookId === webhookId) return delivery;
    throw new PartituraError('DELIVERY_NOT_FOUND', 'Nothing of that id was sent to this webhook, or waits.', {
      advice: 'See what was sent with GET /webhooks/{id}/deliveries.',
    });
  };

  return {
    listWebhookDeliveries: async ({ params, query }, context) => {
      await findEver(params.id, context);
      const { limit, cursor, after, status } = query;
      await caughtUp(dependencies, after);
      const page = await readModels.find(deliveryDocuments, {
        where: { webhookId: params.id, ...(status === undefined ? {} : { status }) },
        sort: { field: 'eventPosition', direction: 'descending' },
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      });
      const documents = page.items as readonly DeliveryDocument[];
      return { items: documents.map(presentDelivery), nextCursor: page.nextCursor };
    },
    testWebhook: async ({ params }, context) => {
      const webhook = await find(params.id, context);
      if (webhook.disabled !== null)
        throw new PartituraError('WRONG_WEBHOOK_STATUS', 'It is switched off: nothing is sent to it.', {
          advice: 'Switch it on with PATCH {"enabled": true}.',
        });
      const command = { kind: 'test', webhookId: webhook.id } as const;
      const { position } = await tell(testLaneOf(webhook.id), command, context, webhook);
      // The first event of the command: what a decision appends is named by the command.
      return { id: deliveryIdOf(webhook.id, `${context.commandId}/0`), position };
    },
    redeliverWebhook: async ({ params }, context) => {
      const webhook = await find(params.id, context);
      const { id, laneId, eventId, eventPosition, status } = await deliveryOf(webhook.id, params.delivery);
      const again = { webhookId: webhook.id, deliveryId: id, eventId, eventPosition };
      const lane = status === 'pending' ? laneId : againLaneOf(webhook.id, id);
      const { position } = await tell(lane, { kind: 'ask_again', again }, context, webhook);
      return { id, position };
    },
  };
};

const presentDelivery = ({
  laneId: _,
  stream: __,
  revision: ___,
  position: ____,
  eventPosition,
  ...delivery
}: DeliveryDocument): WebhookDeliveryResource => ({ ...delivery, position: eventPosition });
