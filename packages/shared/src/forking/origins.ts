import type { EventStore } from '../event-store/index.ts';
import { type ForkedRun, parseStreamName, type RecordedEvent, type StreamName } from '../events/index.ts';
import { asOfHere, type Forked } from './imported-forks.ts';
import { runStream } from './translation.ts';

/** Where a run comes from that was forked from another. */
export interface Origin extends ForkedRun {
  /** The fork itself. */
  readonly runId: string;
}

export const isForked = (event: RecordedEvent): event is Forked => event.type === 'run.forked';

export const originIn = ({ stream, data }: Forked): Origin => ({
  runId: parseStreamName(stream).id,
  ...data,
});

const followsRun: ReadonlySet<string> = new Set(['plan', 'agent', 'merge']);

/** The run that a stream beside its run's belongs to; null for others. */
export const runBehind = (stream: StreamName): string | null => {
  const { category, id } = parseStreamName(stream);
  return followsRun.has(category) ? (id.split('.')[0] ?? null) : null;
};

/** Ten thousand runs are some megabytes at the most: few of them are forks, and only those have something to remember. */
const most = 10_000;
const remembered = new WeakMap<EventStore, Map<string, Origin | null>>();

const memoryOf = (store: EventStore): Map<string, Origin | null> => {
  const known = remembered.get(store);
  if (known) return known;
  const fresh = new Map<string, Origin | null>();
  remembered.set(store, fresh);
  return fresh;
};

/**
 * Where a run comes from; null for one that was not forked, or is not there. Reads its first two events, once: a run says in its
 * first append whether it is a fork.
 */
export const originOf = async (store: EventStore, runId: string): Promise<Origin | null> => {
  const memory = memoryOf(store);
  const known = memory.get(runId);
  if (known !== undefined) return known;
  const first = (await Array.fromAsync(store.readStream(runStream(runId), { limit: 2 }))).flat();
  if (first.length === 0) return null;
  const forked = first.find(isForked);
  const origin = forked ? originIn(await asOfHere(store, forked)) : null;
  memory.set(runId, origin);
  const [oldest] = memory.keys();
  if (memory.size > most && oldest !== undefined) memory.delete(oldest);
  return origin;
};
