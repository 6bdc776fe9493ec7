import type { RecordedEvent } from '@partitura/shared/events';
import type {
  CollectionDefinition,
  Document,
  Page,
  ProjectionWrite,
  ReadModels,
} from '@partitura/shared/read-models';
import {
  type DeliveryDocument,
  deliveryDocuments,
  type LaneDocument,
  laneDocuments,
  type WebhookDocument,
  webhookDocuments,
} from './documents.ts';
import { foldStep, type Touched } from './fold.ts';
import { idsIn, type Steps, stepsOf, type Webhooks } from './steps.ts';

/** What a page of events makes of the documents. */
export interface Changes {
  readonly webhooks: Webhooks;
  /** Nothing when the page concerns nobody. */
  readonly writes: readonly ProjectionWrite[];
  /** Lanes in which something waits that did not before. */
  readonly lanes: readonly string[];
}

type Reading = Pick<ReadModels, 'getMany' | 'find'>;

export const changesOf = async (
  readModels: Reading,
  events: readonly RecordedEvent[],
  before: Webhooks,
): Promise<Changes> => {
  const steps = stepsOf(events, before);
  const touched = await load(readModels, steps);
  for (const step of steps.steps) foldStep(touched, step);
  const writes = [
    webhookWrite(steps, before),
    { collection: deliveryDocuments, puts: [...touched.deliveries.values()], deletes: [] },
    { collection: laneDocuments, puts: [...touched.lanes.values()], deletes: [...touched.left] },
  ].filter(({ puts, deletes }) => puts.length + deletes.length > 0);
  const lanes = [...touched.lanes.values()].filter(({ dueAt }) => dueAt !== null).map(({ id }) => id);
  return { webhooks: steps.webhooks, writes, lanes };
};

const webhookWrite = ({ webhooks, touched }: Steps, before: Webhooks): ProjectionWrite => ({
  collection: webhookDocuments,
  puts: [...touched].flatMap((id) => webhooks.get(id) ?? []),
  deletes: [...touched].filter((id) => !webhooks.has(id) && before.has(id)),
});

const load = async (readModels: Reading, { steps }: Steps): Promise<Touched> => {
  const ids = idsIn(steps);
  const deliveries = [...(await readModels.getMany(deliveryDocuments, [...ids.deliveries]))];
  const lanes = [...(await readModels.getMany(laneDocuments, [...ids.lanes]))];
  for (const step of steps)
    if (step.kind === 'remove') {
      const { webhookId } = step;
      deliveries.push(...(await allOf(readModels, deliveryDocuments, { webhookId, status: 'pending' })));
      lanes.push(...(await allOf(readModels, laneDocuments, { webhookId })));
    }
  // Each collection has nothing but its own documents.
  return {
    deliveries: byId<DeliveryDocument>(deliveries),
    lanes: byId<LaneDocument>(lanes),
    left: new Set(),
  };
};

const allOf = async (
  readModels: Reading,
  collection: CollectionDefinition,
  where?: Readonly<Record<string, string>>,
): Promise<readonly Document[]> => {
  const all: Document[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Document> = await readModels.find(collection, {
      ...(where === undefined ? {} : { where }),
      limit: 500,
      ...(cursor === null ? {} : { cursor }),
    });
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
};

const byId = <Content extends Document>(documents: readonly (Document | undefined)[]): Map<string, Content> =>
  new Map(documents.flatMap((document) => (document ? [[document.id, document as Content]] : [])));

/** All there are: the follower matches every event with every one of them. */
export const loadWebhooks = async (readModels: Reading): Promise<Webhooks> => {
  const all = await allOf(readModels, webhookDocuments);
  // The collection has nothing but webhooks.
  return new Map(all.map((document) => [document.id, document as WebhookDocument]));
};
