import type { ApiClient, ClientInput, CloudEvent } from '@partitura/shared/http';
import { fromCloudEvent, placeOf } from '@partitura/shared/http';
import type { SignalSource } from '@partitura/shared/runtime';
import type { Reference } from '../connection/resolve-id.ts';
import type { Session } from '../connection/session.ts';
import { untilInterrupted } from '../input/until-interrupted.ts';

type HistoryQuery = NonNullable<ClientInput<'getRunHistory'>['query']>;

export type EventFilter = Pick<
  HistoryQuery,
  'from' | 'to' | 'type' | 'task' | 'agent' | 'actor' | 'since' | 'until' | 'order'
>;

interface Kind {
  readonly operation: 'getProjectHistory' | 'getRunHistory' | 'getTaskHistory' | 'getAgentHistory';
  /** As the feed of events filters. */
  readonly feed: 'projectId' | 'runId' | 'taskId' | 'agentId';
  /** After these nothing more comes. */
  readonly ending: ReadonlySet<string>;
}

const kinds: Readonly<Record<Reference['kind'], Kind>> = {
  project: { operation: 'getProjectHistory', feed: 'projectId', ending: new Set() },
  run: {
    operation: 'getRunHistory',
    feed: 'runId',
    ending: new Set(['run.completed', 'run.failed', 'run.cancelled', 'run.stopped']),
  },
  task: {
    operation: 'getTaskHistory',
    feed: 'taskId',
    ending: new Set(['task.completed', 'task.cancelled', 'task.dead_lettered']),
  },
  agent: { operation: 'getAgentHistory', feed: 'agentId', ending: new Set(['agent.finished']) },
};

interface Stand {
  readonly position: string;
  readonly isOver: boolean;
}

/** Where it stands, asked before its history is read: whatever is recorded later comes by the feed, if it is not in the history. */
const standOf = async (client: ApiClient, { kind, id }: Reference): Promise<Stand> => {
  const params = { id };
  switch (kind) {
    case 'project':
      return { position: (await client.call('getProject', { params })).position, isOver: false };
    case 'run': {
      const { position, endedAt } = await client.call('getRun', { params });
      return { position, isOver: endedAt !== null };
    }
    case 'task': {
      const { position, status } = await client.call('getTask', { params });
      return { position, isOver: ['completed', 'cancelled', 'dead_letter'].includes(status) };
    }
    case 'agent': {
      const { position, endedAt } = await client.call('getAgent', { params });
      return { position, isOver: endedAt !== null };
    }
  }
};

/** The events of a project, a run, a task or an agent; then, where they are followed and somebody works, those that come. */
export async function* historyEvents(
  { client, own }: Session,
  whole: Reference,
  filter: EventFilter,
  following: SignalSource | null,
): AsyncGenerator<CloudEvent> {
  const stand = await standOf(client, whole);
  let last = stand.position;
  for await (const event of recordedEvents(client, whole, { ...filter, after: stand.position })) {
    if (event.position > last) last = event.position;
    yield event;
  }
  // Where nobody works, nothing more will come.
  if (following === null || own || stand.isOver) return;
  const { feed, ending } = kinds[whole.kind];
  const options = { [feed]: whole.id, after: last };
  for await (const event of untilInterrupted(following, (signal) => client.events({ ...options, signal }))) {
    if (isBeyond(event, filter)) return;
    if (isWanted(event, filter)) yield event;
    if (ending.has(event.type)) return;
  }
}

const isBeyond = ({ position }: CloudEvent, { to }: EventFilter): boolean =>
  to !== undefined && position > to;

const isWanted = (
  event: CloudEvent,
  { from, type, task, agent, actor, since, until }: EventFilter,
): boolean => {
  const { taskId, agentId } = placeOf(fromCloudEvent(event));
  const time = Date.parse(event.time);
  return (
    (from === undefined || event.position >= from) &&
    (type === undefined || type.split(',').some((one) => one.trim() === event.type)) &&
    (task === undefined || taskId === task) &&
    (agent === undefined || agentId === agent) &&
    (actor === undefined || event.actor === actor) &&
    (since === undefined || time >= Date.parse(since)) &&
    (until === undefined || time <= Date.parse(until))
  );
};

interface Page {
  readonly items: readonly CloudEvent[];
  readonly nextCursor: string | null;
}

/** Page after page. */
async function* recordedEvents(
  client: ApiClient,
  { kind, id }: Reference,
  filter: EventFilter & { readonly after: string },
): AsyncGenerator<CloudEvent> {
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page = await client.call(kinds[kind].operation, {
      params: { id },
      query: { ...filter, limit: 500, ...(cursor === '' ? {} : { cursor }) },
    });
    yield* page.items;
    cursor = page.nextCursor;
  }
}
