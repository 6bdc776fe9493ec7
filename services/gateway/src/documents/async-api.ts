import { type Category, type EventContract, categories as known, registry } from '@partitura/shared/events';
import { resources } from '@partitura/shared/http';
import { z } from 'zod';
import { plainer } from './json-schemas.ts';

interface Stream {
  readonly owner: string;
  readonly of: string;
  readonly says: string;
}

/** Who appends to the streams of a category, and what they are about; null for what never leaves the gateway. None may be missing. */
const streams: Readonly<Record<Category, Stream | null>> = {
  project: { owner: 'orchestrator', of: 'project', says: 'What is wanted, and which runs there were.' },
  run: { owner: 'orchestrator', of: 'run', says: 'The run, its phases, tasks, budget and approvals.' },
  plan: {
    owner: 'planner',
    of: 'run',
    says: 'Requirements, architecture, the proposed plan, each call of a model.',
  },
  agent: { owner: 'agent-runner', of: 'attempt', says: 'Everything an agent does.' },
  merge: { owner: 'agent-runner', of: 'run', says: 'What came into the run’s branch, and what did not.' },
  knowledge: {
    owner: 'knowledge',
    of: 'project',
    says: 'What was decided and learned, and how it was used.',
  },
  workflow: {
    owner: 'orchestrator',
    of: 'organisation’s workflow',
    says: 'Ways of working, version by version.',
  },
  webhook: { owner: 'notifier', of: 'webhook', says: 'Who is told of events, and whether it went well.' },
  identity: { owner: 'gateway', of: 'organisation', says: 'Members, roles and keys.' },
  audit: { owner: 'gateway', of: 'organisation', says: 'Who was refused what.' },
  command: null,
  quota: {
    owner: 'gateway',
    of: 'organisation',
    says: 'What is about to be made and counts against a quota.',
  },
  processor: {
    owner: 'its service',
    of: 'processor',
    says: 'Events that could not be handled and were parked.',
  },
  seal: {
    owner: 'projections',
    of: 'log',
    says: 'What the whole log was, up to an event: signed heads of the chain over all of it.',
  },
  bundle: { owner: 'agent-runner', of: 'run', says: 'Where a run came from that was not made here.' },
};

export type AsyncApiDocument = Readonly<Record<string, unknown>>;

/** AsyncAPI 3 of the registry of events: what feeds, webhooks, exports and the bus carry. */
export const asyncApiDocument = (version: string): AsyncApiDocument => {
  const categories = known.flatMap((category) => {
    const [stream, contracts] = [streams[category], Object.entries(registry[category])];
    return stream && contracts.length > 0 ? [{ category, stream, contracts }] : [];
  });
  const owners = ownersOf(categories);
  const all = new Map(categories.flatMap(({ contracts }) => contracts));
  return {
    asyncapi: '3.0.0',
    info: { title: 'Partitura events', version, description, license: { name: 'Apache-2.0' } },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(categories.map((one) => [one.category, channelOf(one)])),
    operations: Object.fromEntries(
      categories.map(({ category, stream }) => [
        `${category}Events`,
        {
          action: 'send',
          summary: `${stream.says} Recorded by the ${stream.owner}.`,
          channel: { $ref: `#/channels/${category}` },
        },
      ]),
    ),
    components: {
      schemas: { CloudEvent: schemaOf(resources.cloudEvent) },
      messages: Object.fromEntries(
        [...all].map(([type, contract]) => [type, messageOf(type, contract, owners.get(type) ?? [])]),
      ),
    },
  };
};

const description = `Events as they leave the house, whichever way: CloudEvents 1.0 in JSON. Follow them with \`GET /api/v1/events\`
(server-sent), at \`/ws\`, or as webhooks; \`subject\` is the stream, \`position\` the place in the log, \`dataversion\` the version of \`data\`.`;

interface CategoryOfEvents {
  readonly category: string;
  readonly stream: Stream;
  readonly contracts: readonly (readonly [string, EventContract])[];
}

/** Some types stand in the streams of two categories: a call of a model is one, whoever makes it. */
const ownersOf = (categories: readonly CategoryOfEvents[]): ReadonlyMap<string, readonly string[]> => {
  const owners = new Map<string, string[]>();
  for (const { stream, contracts } of categories)
    for (const [type] of contracts) owners.set(type, [...(owners.get(type) ?? []), stream.owner]);
  return owners;
};

const channelOf = ({ category, stream, contracts }: CategoryOfEvents) => ({
  address: `${category}-{id}`,
  title: `The stream of one ${stream.of}`,
  description: stream.says,
  parameters: { id: { description: `Of the ${stream.of}.` } },
  messages: Object.fromEntries(contracts.map(([type]) => [type, { $ref: `#/components/messages/${type}` }])),
});

const messageOf = (
  type: string,
  { version, description: summary, schema }: EventContract,
  owners: readonly string[],
) => ({
  name: type,
  title: type,
  summary,
  contentType: 'application/json',
  'x-version': version,
  'x-owner': owners.join(', '),
  payload: {
    allOf: [
      { $ref: '#/components/schemas/CloudEvent' },
      {
        type: 'object',
        properties: { type: { const: type }, dataversion: { const: version }, data: schemaOf(schema) },
      },
    ],
  },
});

/** AsyncAPI reads schemas as draft 7 where nothing else is said. */
const schemaOf = (schema: z.ZodType) => {
  const { $schema, ...json } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'output',
    unrepresentable: 'any',
    override: plainer,
  });
  return json;
};
