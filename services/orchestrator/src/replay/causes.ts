import type { EventStore } from '@partitura/shared/event-store';
import {
  type Position,
  type ProjectEvent,
  type RecordedEvent,
  type StreamName,
  streamName,
} from '@partitura/shared/events';
import { type RecordedRunEvent, readUpTo } from '@partitura/shared/replaying';
import { reactedTypes } from '../reactors/reactor.ts';

/** What a run's decisions were made on, beside the run's own stream. */
export interface Causes {
  find(eventId: string): RecordedEvent | undefined;
  /** The last events of the plan's stream before a position, newest first. */
  planBefore(position: Position): readonly RecordedEvent[];
}

const reacted: ReadonlySet<string> = new Set(reactedTypes);

const attemptsIn = (events: readonly RecordedRunEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'task.scheduled' ? [event.data.attemptId] : []));

const projectOf = (events: readonly RecordedRunEvent[]): string | null => {
  const [first] = events;
  return first?.type === 'run.created' ? first.data.projectId : null;
};

type Requested = Extract<ProjectEvent, { type: 'project.run_requested' }>;

/** The request for this very run: a project with many of them has a long stream. */
const requestOf = async (
  store: Pick<EventStore, 'readStream'>,
  projectId: string,
  runId: string,
): Promise<RecordedEvent | undefined> => {
  for await (const page of store.readStream(streamName('project', projectId))) {
    const found = page.find(
      ({ type, data }) => type === 'project.run_requested' && (data as Requested['data']).runId === runId,
    );
    if (found) return found;
  }
  return undefined;
};

/**
 * Reads what other streams said to the run, and keeps what the orchestrator reacts to. By their names, which the run's own stream
 * has: a log of many runs is not searched for one.
 */
export const causesOf = async (
  store: Pick<EventStore, 'readStream'>,
  runId: string,
  events: readonly RecordedRunEvent[],
  until: Position,
): Promise<Causes> => {
  const byId = new Map<string, RecordedEvent>();
  const keep = (event: RecordedEvent): void => {
    if (reacted.has(event.type)) byId.set(event.id, event);
  };
  const streams: readonly StreamName[] = [
    streamName('merge', runId),
    ...attemptsIn(events).map((attemptId) => streamName('agent', attemptId)),
  ];
  const plan = await readUpTo(store, streamName('plan', runId), until);
  for (const event of [...events, ...plan]) keep(event);
  for (const stream of streams) for (const event of await readUpTo(store, stream, until)) keep(event);
  const projectId = projectOf(events);
  const request = projectId === null ? undefined : await requestOf(store, projectId, runId);
  if (request) keep(request);
  return {
    find: (eventId) => byId.get(eventId),
    planBefore: (position) => plan.filter((event) => event.position < position).reverse(),
  };
};
