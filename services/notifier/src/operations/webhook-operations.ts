import { sha256 } from '@partitura/shared/canonical';
import type { EventStore } from '@partitura/shared/event-store';
import {
  asOrganizationId,
  asPosition,
  defaultOrganization,
  type EventMetadata,
  type WebhookEvent,
} from '@partitura/shared/events';
import type {
  CallContext,
  CreatedWebhookResource,
  OperationHandlers,
  WebhookResource,
} from '@partitura/shared/http';
import type { CommandHandler } from '@partitura/shared/processing';
import type { ReadModels } from '@partitura/shared/read-models';
import type { Clock } from '@partitura/shared/runtime';
import type { LaneCommand, LaneState } from '../deliveries/lane.ts';
import { webhookStream } from '../deliveries/names.ts';
import { source } from '../delivering/cause.ts';
import { type WebhookDocument, webhookDocuments } from '../records/documents.ts';
import type { RecordKeeper } from '../records/record-keeper.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import { newSigningSecret } from '../secrets/signing.ts';
import type { AddressGuard } from '../sending/address-guard.ts';
import { requireWebhookUrl } from '../sending/webhook-url.ts';
import { there, type WebhookCommand, webhookNotFound } from '../webhooks/decider.ts';
import { requireTypes } from '../webhooks/filter.ts';
import type { Registration, Webhook, WebhookState } from '../webhooks/webhook.ts';
import { presentWebhook, timeOf } from './presenting.ts';

export interface OperationDependencies {
  readonly store: EventStore;
  readonly webhooks: CommandHandler<WebhookState, WebhookCommand, WebhookEvent>;
  readonly lanes: CommandHandler<LaneState, LaneCommand, WebhookEvent>;
  readonly readModels: ReadModels;
  readonly records: RecordKeeper;
  readonly secrets: SecretBox;
  readonly guard: AddressGuard;
  readonly clock: Clock;
}

type WebhookOperations = Pick<
  OperationHandlers,
  'createWebhook' | 'listWebhooks' | 'getWebhook' | 'changeWebhook' | 'removeWebhook' | 'rotateWebhookSecret'
>;

const readingTimeoutMs = 5_000;
/** How long the secret before signs too. */
const overlapMs = 24 * 3_600_000;

export const webhookOperations = (dependencies: OperationDependencies): WebhookOperations => {
  const { store, webhooks, readModels, secrets, guard, clock } = dependencies;
  const find = finding(dependencies);

  /** Decides, and answers with what the webhook is then. */
  const tell = async (id: string, command: WebhookCommand, context: CallContext, owner: string) => {
    const { expectedRevision } = context;
    const result = await webhooks.handle(webhookStream(id), {
      ...callerCause(context, owner),
      command,
      at: clock.now(),
      ...(expectedRevision === null ? {} : { expectedRevision }),
    });
    return result.position;
  };

  const shown = async (id: string): Promise<WebhookResource> => {
    const { state, revision, position } = await webhooks.read(webhookStream(id));
    const times = {
      createdAt: await timeOf(store, id, 'forwards'),
      updatedAt: await timeOf(store, id, 'backwards'),
    };
    return presentWebhook({ ...there(state), ...times, revision, position });
  };

  const checked = <Asked extends Partial<Registration>>(asked: Asked): Asked => {
    requireTypes(asked.types ?? []);
    return asked.url === undefined ? asked : { ...asked, url: requireWebhookUrl(asked.url, guard) };
  };

  return {
    createWebhook: async ({ body }, context): Promise<CreatedWebhookResource> => {
      const organizationId = context.organizationId ?? defaultOrganization;
      const webhookId = webhookIdFrom(context.commandId);
      const secret = newSigningSecret();
      const registration = checked(body);
      const sealed = secrets.seal(secret, webhookId);
      const command: WebhookCommand = {
        kind: 'register',
        webhookId,
        organizationId,
        registration,
        secret: sealed,
      };
      await tell(webhookId, command, { ...context, expectedRevision: null }, organizationId);
      // Registered by a call before this one, of which nobody got the answer: the secret is the one of then.
      const [first] = there((await webhooks.read(webhookStream(webhookId))).state).secrets;
      const own = first === undefined ? secret : secrets.open(first.sealed, webhookId);
      return { ...(await shown(webhookId)), secret: own };
    },
    listWebhooks: async ({ query }, { organizationId }) => {
      const { limit, cursor, after } = query;
      await caughtUp(dependencies, after);
      const page = await readModels.find(webhookDocuments, {
        limit,
        ...(organizationId === null ? {} : { where: { organizationId } }),
        ...(cursor === undefined ? {} : { cursor }),
        sort: { field: 'createdPosition', direction: 'descending' },
      });
      // The collection has nothing but webhooks.
      const documents = page.items as readonly WebhookDocument[];
      return { items: documents.map(presentWebhook), nextCursor: page.nextCursor };
    },
    getWebhook: async ({ params }, context) => {
      await find(params.id, context);
      return shown(params.id);
    },
    changeWebhook: async ({ params, body }, context) => {
      const { organizationId } = await find(params.id, context);
      const { enabled = null, ...asked } = body;
      const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
      const registration: Partial<Registration> = checked(given);
      await tell(params.id, { kind: 'change', registration, enabled }, context, organizationId);
      return shown(params.id);
    },
    removeWebhook: async ({ params }, context) => {
      const { organizationId } = await find(params.id, context);
      const position = await tell(params.id, { kind: 'remove' }, context, organizationId);
      return { id: params.id, position };
    },
    rotateWebhookSecret: async ({ params }, context) => {
      const { organizationId } = await find(params.id, context);
      const secret = newSigningSecret();
      const previousUntil = new Date(clock.now() + overlapMs).toISOString();
      const command: WebhookCommand = {
        kind: 'rotate_secret',
        secret: secrets.seal(secret, params.id),
        previousUntil,
      };
      await tell(params.id, command, context, organizationId);
      const [first] = there((await webhooks.read(webhookStream(params.id))).state).secrets;
      return {
        ...(await shown(params.id)),
        secret: first === undefined ? secret : secrets.open(first.sealed, params.id),
      };
    },
  };
};

/**
 * Documents that say what was recorded up to `after`; and, in a process that has only begun, all that there is: a list in which the
 * latest is missing looks like one that nobody added.
 * @throws {PartituraError} `READ_MODEL_BEHIND`
 */
export const caughtUp = async (
  { records, store }: Pick<OperationDependencies, 'records' | 'store'>,
  after: string | undefined,
): Promise<void> => {
  if (after !== undefined) await records.waitFor(asPosition(after), readingTimeoutMs);
  if (!records.isCaughtUp()) await records.waitFor(await store.head(), readingTimeoutMs);
};

/** An id made from the command's: a create that is sent again registers nothing twice. */
const webhookIdFrom = (commandId: string): string => `wh_${sha256(`webhook ${commandId}`).slice(0, 16)}`;

/** One that is there, or was. @throws {PartituraError} `WEBHOOK_NOT_FOUND` also for one that is another organisation's */
export const findingEver =
  ({ webhooks }: Pick<OperationDependencies, 'webhooks'>) =>
  async (id: string, { organizationId }: CallContext): Promise<Webhook> => {
    // A dot would name a lane.
    if (id.includes('.')) throw webhookNotFound();
    const { state } = await webhooks.read(webhookStream(id), { fresh: true });
    if (state === null) throw webhookNotFound();
    if (organizationId !== null && organizationId !== state.organizationId) throw webhookNotFound();
    return state;
  };

/** @throws {PartituraError} `WEBHOOK_NOT_FOUND` also for one that was removed, or is another organisation's */
export const finding = (dependencies: Pick<OperationDependencies, 'webhooks'>) => {
  const find = findingEver(dependencies);
  return async (id: string, context: CallContext): Promise<Webhook> => there(await find(id, context));
};

export const callerCause = (
  { actor, correlationId, commandId }: CallContext,
  organizationId: string,
): { readonly commandId: string; readonly metadata: EventMetadata } => ({
  commandId,
  metadata: {
    source,
    actor,
    correlationId,
    causationId: commandId,
    organizationId: asOrganizationId(organizationId),
  },
});
