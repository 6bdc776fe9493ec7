import { type RecordedEvent, streamName } from '@partitura/shared/events';
import { readWithPast } from '@partitura/shared/forking';
import { type CloudEvent, isShownTo, toCloudEvent } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import {
  type GraphQLFieldConfig,
  GraphQLID,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLOutputType,
  GraphQLString,
} from 'graphql';
import { followingEvents } from '../identity/authorize.ts';
import type { Arguments, Graph, GraphContext } from './context.ts';

const most = 500;

/** What an agent did: its own stream, in a fork behind what it inherited, which is what the history of a run would be searched for. */
export const agentEvents = (event: GraphQLOutputType): GraphQLFieldConfig<unknown, GraphContext> => ({
  type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(event))),
  description: 'What it did, in order.',
  args: {
    limit: { type: new GraphQLNonNull(GraphQLInt), defaultValue: 50, description: '1 to 500.' },
    afterRevision: { type: new GraphQLNonNull(GraphQLInt), defaultValue: -1, description: 'Exclusive.' },
    afterId: {
      type: GraphQLID,
      description:
        'Of the last one that is known. What a fork inherited has no revisions of its own, and is paged by this alone.',
    },
    type: { type: GraphQLString },
  },
  resolve: (agent, given, { graph }) => eventsOf(graph, agent, given),
});

const eventsOf = async (graph: Graph, agent: unknown, given: Arguments): Promise<CloudEvent[]> => {
  const id = String(Reflect.get(Object(agent), 'id'));
  const limit = checkedLimit(Number(given.limit));
  const caller = await graph.allowed(followingEvents, 'followEvents', `agent-${id}`);
  const wanted = (type: string): boolean => (given.type ?? type) === type;
  const from = Math.max(0, Number(given.afterRevision) + 1);
  const events: CloudEvent[] = [];
  const pages = readWithPast(graph.store, streamName('agent', id), { from });
  for await (const page of behind(pages, given.afterId)) {
    const shown = page.filter((event) => wanted(event.type) && isShownTo(caller, event));
    events.push(...shown.map(toCloudEvent));
    if (events.length >= limit) break;
  }
  return events.slice(0, limit);
};

type Pages = AsyncIterable<readonly RecordedEvent[]>;

/** What stands behind the event of this id; all of it for no id. @throws {PartituraError} `BAD_CURSOR` */
async function* behind(pages: Pages, id: unknown): Pages {
  let known = typeof id !== 'string';
  for await (const page of pages) {
    if (known) yield page;
    else {
      const at = page.findIndex((event) => event.id === id);
      known = at >= 0;
      if (known) yield page.slice(at + 1);
    }
  }
  if (!known) throw new PartituraError('BAD_CURSOR', 'None of these events has the id that was given.');
}

const checkedLimit = (limit: number): number => {
  if (limit >= 1 && limit <= most) return limit;
  throw new PartituraError('BAD_LIMIT', `A limit is between 1 and ${most}, not ${limit}.`);
};
