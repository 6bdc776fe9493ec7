import type { EventStore } from '@partitura/shared/event-store';
import {
  addUsage,
  noUsage,
  type Position,
  type RecordedEvent,
  type RecordedIn,
  recordedIn,
  type StreamName,
  streamName,
  type Usage,
} from '@partitura/shared/events';
import { isInherited, readWithPast } from '@partitura/shared/forking';
import { planHolder } from '@partitura/shared/policies';
import { PartituraError } from '@partitura/shared/runtime';
import { evolveRun } from '../runs/evolve.ts';
import type { Run, RunState } from '../runs/state.ts';
import { type Moment, momentOf } from './moment.ts';

/** A run as it was at a moment, with its ids. */
export interface ParentsPast {
  readonly run: Run;
  /** Of the last event that is in it. */
  readonly at: Position;
  /** Milliseconds since the epoch, of that event. */
  readonly time: number;
  /** By its own streams: the revision of the last event that is in it. */
  readonly streams: Readonly<Record<string, number>>;
  /** Where its branch was, as far as anybody said. */
  readonly commit: string | null;
  /** By holder that was at work: what it had spent and not told. */
  readonly unsettled: Readonly<Record<string, Usage>>;
}

/** `<command>/<index>`: what was decided together happened together. */
const isSameDecision = (before: RecordedEvent, event: RecordedEvent): boolean => {
  const decision = ({ id }: RecordedEvent): string => id.slice(0, id.lastIndexOf('/'));
  return /\/[1-9]\d*$/.test(event.id) && decision(before) === decision(event);
};

/** The run's stream with what it inherited, to the end of the last decision that had begun by then. */
const eventsOfRun = async (
  store: EventStore,
  runId: string,
  holds: Moment,
): Promise<readonly RecordedIn<'run'>[]> => {
  const events: RecordedIn<'run'>[] = [];
  for await (const page of readWithPast(store, streamName('run', runId))) {
    for (const event of recordedIn('run', page)) {
      const last = events.at(-1);
      const isIn = isInherited(event) || holds(event) || (last !== undefined && isSameDecision(last, event));
      if (!isIn) return events;
      events.push(event);
    }
  }
  return events;
};

/** The last event of a stream's own by then. Read from its end: most streams were over, or are short. */
const lastOf = async (
  store: EventStore,
  stream: StreamName,
  holds: Moment,
): Promise<RecordedEvent | undefined> => {
  for await (const page of store.readStream(stream, { direction: 'backwards' })) {
    const found = page.find(holds);
    if (found) return found;
  }
  return undefined;
};

const attemptsOf = (events: readonly RecordedIn<'run'>[]): readonly string[] => [
  ...new Set(events.flatMap((event) => (event.type === 'task.scheduled' ? [event.data.attemptId] : []))),
];

type Working = 'agent' | 'merge' | 'plan';

/** The revision of the last event of a stream that is in it; -1 for none. */
type LastIn = (stream: StreamName) => number;

/** All that stood in a stream by then, what it inherited too. */
async function* saidBy<In extends Working>(
  store: EventStore,
  category: In,
  id: string,
  lastIn: LastIn,
): AsyncGenerator<RecordedIn<In>> {
  const stream = streamName(category, id);
  const last = lastIn(stream);
  for await (const page of readWithPast(store, stream))
    for (const event of recordedIn(category, page)) {
      if (!isInherited(event) && event.revision > last) return;
      yield event;
    }
}

const usageOf = async (events: AsyncIterable<RecordedIn<'agent' | 'plan'>>): Promise<Usage> => {
  let usage = noUsage;
  for await (const { type, data } of events)
    if (type === 'model.answered' || type === 'model.failed') usage = addUsage(usage, data.usage);
    // Of earlier phases: those were told.
    else if (type === 'plan.phase_finished' || type === 'plan.failed') usage = noUsage;
  return usage;
};

/** What was merged last; before that where the first work tree stood. */
const commitOf = async (
  store: EventStore,
  runId: string,
  attempts: readonly string[],
  lastIn: LastIn,
): Promise<string | null> => {
  let commit: string | null = null;
  for await (const { type, data } of saidBy(store, 'merge', runId, lastIn))
    if (type === 'merge.completed') commit = data.commit;
  if (commit !== null) return commit;
  for (const attemptId of attempts) {
    for await (const { type, data } of saidBy(store, 'agent', attemptId, lastIn))
      if (type === 'agent.workspace_prepared') return data.baseCommit;
  }
  return null;
};

const fold = (events: readonly RecordedIn<'run'>[]): RunState =>
  events.reduce<RunState>((state, event) => evolveRun(state, event, event.metadata), null);

/**
 * Reads what a fork of the run is to go on from. A decision that had begun is in it as a whole. Reads the run's stream, the end of each
 * of its agents', and the whole of those that were at work.
 * @throws {PartituraError} `BAD_MOMENT`, `INVALID_POSITION`, `BAD_FORK_POINT`
 */
export const parentsPast = async (store: EventStore, runId: string, at: string): Promise<ParentsPast> => {
  const moment = await momentOf(store, at);
  const events = await eventsOfRun(store, runId, moment);
  const run = fold(events);
  const own = events.filter((event) => !isInherited(event));
  const last = own.at(-1);
  if (run === null || last === undefined) throw beforeRun(runId, at);
  const holds: Moment = (event) => moment(event) || event.position <= last.position;

  const attempts = attemptsOf(events);
  const names = [
    streamName('plan', runId),
    streamName('merge', runId),
    ...attempts.map((attemptId) => streamName('agent', attemptId)),
  ];
  const lasts: RecordedEvent[] = [last];
  for (const stream of names) {
    const found = await lastOf(store, stream, holds);
    if (found) lasts.push(found);
  }
  const streams = Object.fromEntries(lasts.map(({ stream, revision }) => [stream, revision]));
  const lastIn: LastIn = (stream) => streams[stream] ?? -1;

  const unsettled: Record<string, Usage> = {};
  for (const holder of run.ledger.held.keys()) {
    unsettled[holder] = await usageOf(
      holder === planHolder ? saidBy(store, 'plan', runId, lastIn) : saidBy(store, 'agent', holder, lastIn),
    );
  }
  const latest = lasts.reduce((one, other) => (other.position > one.position ? other : one));
  return {
    run,
    at: latest.position,
    time: Math.max(...lasts.map(({ time }) => Date.parse(time))),
    streams,
    commit: await commitOf(store, runId, attempts, lastIn),
    unsettled,
  };
};

const beforeRun = (runId: string, at: string): PartituraError =>
  new PartituraError('BAD_FORK_POINT', `Run ${runId} had not begun at ${at}.`, {
    advice: `Choose a position from its own history: partitura history ${runId}. Of what a fork inherited, fork the run it came from.`,
  });
