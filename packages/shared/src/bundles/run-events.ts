import type { EventStore } from '../event-store/index.ts';
import {
  asRunId,
  beginning,
  type Category,
  type Ownership,
  type Position,
  type RecordedEvent,
  recordedIn,
  runEvents,
  type StreamName,
  streamName,
} from '../events/index.ts';
import { PartituraError } from '../runtime/errors.ts';

/** What a bundle takes along of the log: streams from their first event on, each through a revision. */
export interface RunStreams {
  readonly runId: string;
  readonly projectId: string;
  readonly owner: Ownership;
  readonly through: ReadonlyMap<StreamName, number>;
  /** The run, and those it goes on from. */
  readonly runIds: readonly string[];
}

const ofRun: readonly Category[] = ['run', 'plan', 'agent', 'merge'];
const endings: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.cancelled', 'run.stopped']);
const reopenings: ReadonlySet<string> = new Set(['run.created', 'run.started', 'run.resumed']);

/** Whether a run is over behind an event, by whether it was in front of it. */
export const isOverAfter = (type: string, before: boolean): boolean =>
  endings.has(type) || (before && !reopenings.has(type));

const notEnded = (runId: string): PartituraError =>
  new PartituraError('RUN_NOT_ENDED', `The run ${runId} goes on: only what is over can be taken along.`, {
    advice: 'Wait for its end, or cancel it.',
  });

export const runNotFound = (runId: string): PartituraError =>
  new PartituraError('RUN_NOT_FOUND', `There is no run "${runId}".`);

/**
 * Everything of the run itself; of its parents, when it was forked, what it inherited; and of its project and what the project knows
 * whatever was there when the run ended, and what is said of the run after that: their chains begin with their first event.
 * @throws {PartituraError} `RUN_NOT_FOUND`, `RUN_NOT_ENDED`
 */
export const runStreams = async (store: EventStore, runId: string): Promise<RunStreams> => {
  const first = await firstOf(store, streamName('run', runId));
  if (first?.type !== 'run.created') throw runNotFound(runId);
  const { projectId } = runEvents['run.created'].schema.parse(first.data);
  const through = new Map<StreamName, number>();
  const end = await ownStreams(store, runId, through);
  const parents = await inherited(store, runId, through);
  for (const category of ['project', 'knowledge'] as const) {
    const stream = streamName(category, projectId);
    const last = await lastNeeded(store, stream, runId, end);
    if (last >= 0) through.set(stream, last);
  }
  return { runId, projectId, owner: first.metadata, through, runIds: [runId, ...parents] };
};

/** @returns the position of its last event */
const ownStreams = async (
  store: EventStore,
  runId: string,
  through: Map<StreamName, number>,
): Promise<Position> => {
  let end = beginning;
  let over = false;
  const filter = { runId: asRunId(runId), categories: ofRun };
  for await (const { events } of store.readAll({ filter, asRecorded: true }))
    for (const { stream, revision, position, type } of events) {
      through.set(stream, revision);
      end = position;
      over = isOverAfter(type, over);
    }
  if (!over) throw notEnded(runId);
  return end;
};

/** What `run.forked` names of each parent, the parent's parents included. */
const inherited = async (
  store: EventStore,
  runId: string,
  through: Map<StreamName, number>,
): Promise<readonly string[]> => {
  const parents: string[] = [];
  for (let current: string | null = runId; current !== null; ) {
    const forked = await forkOf(store, current);
    if (forked === null) break;
    parents.push(forked.parentRunId);
    for (const [stream, revision] of Object.entries(forked.streams))
      through.set(stream as StreamName, revision);
    current = forked.parentRunId;
  }
  return parents;
};

const forkOf = async (store: EventStore, runId: string) => {
  const stream = streamName('run', runId);
  for await (const page of store.readStream(stream, { limit: 3 }))
    for (const event of recordedIn('run', page)) if (event.type === 'run.forked') return event.data;
  return null;
};

const lastNeeded = async (
  store: EventStore,
  stream: StreamName,
  runId: string,
  end: Position,
): Promise<number> => {
  let last = -1;
  for await (const page of store.readStream(stream, { asRecorded: true }))
    for (const event of page) if (event.position <= end || speaksOf(event, runId)) last = event.revision;
  return last;
};

const speaksOf = ({ metadata, data }: RecordedEvent, runId: string): boolean =>
  metadata.runId === runId ||
  (typeof data === 'object' && data !== null && Reflect.get(data, 'runId') === runId);

const firstOf = async (store: EventStore, stream: StreamName): Promise<RecordedEvent | undefined> =>
  (await Array.fromAsync(store.readStream(stream, { limit: 1 }))).flat()[0];

/** The events of the streams, as recorded, in the order of the log. */
export async function* eventsOf(store: EventStore, streams: RunStreams): AsyncGenerator<RecordedEvent> {
  const { through, runIds, projectId } = streams;
  const isIn = ({ stream, revision }: RecordedEvent): boolean => revision <= (through.get(stream) ?? -1);
  const ofRuns = runIds.map((runId) =>
    events(store.readAll({ filter: { runId: asRunId(runId), categories: ofRun }, asRecorded: true })),
  );
  const ofProject = (['project', 'knowledge'] as const).map((category) => {
    const name = streamName(category, projectId);
    const limit = (through.get(name) ?? -1) + 1;
    return flat(store.readStream(name, { limit, asRecorded: true }));
  });
  for await (const event of inOrder([...ofRuns, ...ofProject])) if (isIn(event)) yield event;
}

async function* events(
  pages: AsyncIterable<{ readonly events: readonly RecordedEvent[] }>,
): AsyncGenerator<RecordedEvent> {
  for await (const page of pages) yield* page.events;
}

async function* flat(pages: AsyncIterable<readonly RecordedEvent[]>): AsyncGenerator<RecordedEvent> {
  for await (const page of pages) yield* page;
}

/** One list of several, each in the order of positions. */
async function* inOrder(sources: readonly AsyncGenerator<RecordedEvent>[]): AsyncGenerator<RecordedEvent> {
  const heads = await Promise.all(sources.map(async (source) => ({ source, next: await source.next() })));
  for (;;) {
    const waiting = heads.filter(({ next }) => next.done !== true);
    const first = waiting.toSorted((left, right) =>
      left.next.value.position < right.next.value.position ? -1 : 1,
    )[0];
    if (!first) return;
    yield first.next.value;
    first.next = await first.source.next();
  }
}
