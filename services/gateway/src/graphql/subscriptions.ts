import type { CloudEvent, OperationName } from '@partitura/shared/http';
import { GraphQLID, GraphQLList, GraphQLNonNull, type GraphQLOutputType, GraphQLString } from 'graphql';
import { concernOf, type Following } from '../events/following.ts';
import { followingEvents } from '../identity/authorize.ts';
import { requirePosition } from '../routes/positions.ts';
import type { Arguments, Graph } from './context.ts';
import type { Fields } from './output-types.ts';

export interface SubscriptionTypes {
  readonly event: GraphQLOutputType;
  readonly run: GraphQLOutputType;
}

/** What is told as it happens, fed by the log. */
export const subscriptionFields = ({ event, run }: SubscriptionTypes): Fields => ({
  events: {
    type: new GraphQLNonNull(event),
    description: 'Events as they are recorded; after a position, those that were recorded since come first.',
    args: {
      projectId: { type: GraphQLID },
      runId: { type: GraphQLID },
      taskId: { type: GraphQLID },
      agentId: { type: GraphQLID },
      types: { type: new GraphQLList(new GraphQLNonNull(GraphQLString)) },
      after: { type: GraphQLString },
    },
    resolve: (value) => value,
    subscribe: (_, given, { graph }) =>
      live(graph, async () => {
        const after = await startOf(graph, given);
        await graph.allowed(followingEvents, 'followEvents', 'graphql');
        return (signal) => eventsAfter(graph, followingOf(given), after, signal);
      }),
  },
  run: {
    type: new GraphQLNonNull(run),
    description: 'A run as it stands, again whenever something of it was recorded.',
    args: { id: { type: new GraphQLNonNull(GraphQLID) } },
    resolve: (value) => value,
    subscribe: (_, { id }, { graph }) =>
      live(graph, async () => {
        const after = await graph.store.head();
        // Whether it is there for who asks, before anything is promised.
        await readRun(graph, String(id), after);
        return (signal) => runAfter(graph, String(id), after, signal);
      }),
  },
});

type Position = Awaited<ReturnType<Graph['store']['head']>>;

const startOf = (graph: Graph, { after }: Arguments): Promise<Position> =>
  typeof after === 'string' ? requirePosition(graph.store, after) : graph.store.head();

const followingOf = (given: Arguments): Following => {
  const idOf = (name: string): string | undefined => {
    const value = given[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    projectId: idOf('projectId'),
    runId: idOf('runId'),
    taskId: idOf('taskId'),
    agentId: idOf('agentId'),
    types: Array.isArray(given.types) ? given.types.map(String) : undefined,
  };
};

async function* eventsAfter(
  graph: Graph,
  following: Following,
  after: Position,
  signal: AbortSignal,
): AsyncGenerator<CloudEvent> {
  const concerns = concernOf(following);
  for await (const events of graph.live.follow({ after, following, signal })) {
    for (const event of events) {
      const caller = await graph.allowed(followingEvents, 'followEvents', 'graphql');
      if (!concerns(caller, event)) continue;
      await graph.room();
      if (signal.aborted) return;
      yield graph.live.opened(event);
    }
  }
}

const readRun = (graph: Graph, id: string, after: Position): Promise<unknown> => {
  const name: OperationName = 'getRun';
  return graph.perform(name, after === '' ? { id } : { id, after });
};

/** Once for all that came together: who is slow sees fewer steps, and the last one always. */
async function* runAfter(
  graph: Graph,
  id: string,
  start: Position,
  signal: AbortSignal,
): AsyncGenerator<unknown> {
  yield await readRun(graph, id, start);
  for await (const events of graph.live.follow({ after: start, following: { runId: id }, signal })) {
    await graph.room();
    const last = events.at(-1);
    if (signal.aborted) return;
    if (last) yield await readRun(graph, id, last.position);
  }
}

type Making<Value> = (signal: AbortSignal) => AsyncGenerator<Value>;

/** Whoever ends a subscription ends it also while it waits for something to happen. */
const live = async <Value>(
  graph: Graph,
  begin: () => Promise<Making<Value>>,
): Promise<AsyncIterableIterator<Value>> => {
  const told = (error: unknown): never => {
    throw graph.refusal(error);
  };
  const stop = new AbortController();
  const make = await begin().catch(told);
  const generator = make(AbortSignal.any([graph.signal, stop.signal]));
  const iterator: AsyncIterableIterator<Value> = {
    [Symbol.asyncIterator]: () => iterator,
    next: async () => generator.next().catch(told),
    return: async () => {
      stop.abort();
      return { done: true, value: undefined };
    },
  };
  return iterator;
};
