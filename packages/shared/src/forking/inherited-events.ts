import TinyQueue from 'tinyqueue';
import type { EventStore } from '../event-store/index.ts';
import { type RecordedEvent, type StreamName, streamName } from '../events/index.ts';
import type { Forked } from './imported-forks.ts';
import { type Origin, originIn } from './origins.ts';
import { pastOf } from './past.ts';
import { type InheritedEvent, runStream } from './translation.ts';

interface Source {
  readonly next: () => Promise<InheritedEvent | null>;
}

interface Waiting {
  readonly event: InheritedEvent;
  readonly source: Source;
}

const sourceOf = (store: EventStore, stream: StreamName, origin: Origin): Source => {
  const pages = pastOf(store, stream, origin);
  let page: readonly InheritedEvent[] = [];
  let at = 0;
  return {
    next: async () => {
      if (at === page.length) {
        const { value, done } = await pages.next();
        if (done) return null;
        page = value;
        at = 0;
      }
      at += 1;
      return page[at - 1] ?? null;
    },
  };
};

const byPosition = (left: Waiting, right: Waiting): number =>
  left.event.position < right.event.position ? -1 : 1;

const attemptIn = ({ type, data }: RecordedEvent): string | null =>
  type === 'task.scheduled' ? (data as { readonly attemptId: string }).attemptId : null;

const mostInPage = 256;

/**
 * All that a fork has inherited, of all its streams (the run's, the plan's, the merges', its agents'), in the order in which the store
 * has it: pages that are never empty. To be folded where `run.forked` stands, before it: it comes behind the fork's `run.created`, and
 * says itself what is different from there on. A `run.forked` in a page is that of a fork that was forked again, and has been
 * followed already.
 */
export async function* inheritedEvents(
  store: EventStore,
  forked: RecordedEvent,
): AsyncGenerator<readonly InheritedEvent[], void, undefined> {
  const origin = originIn(forked as Forked);
  const waiting = new TinyQueue<Waiting>([], byPosition);
  const attempts = new Set<string>();
  const wait = async (source: Source): Promise<void> => {
    const event = await source.next();
    if (event) waiting.push({ event, source });
  };
  const open = (stream: StreamName): Promise<void> => wait(sourceOf(store, stream, origin));
  for (const stream of streamsBesides(origin.runId)) await open(stream);

  let page: InheritedEvent[] = [];
  for (let first = waiting.pop(); first; first = waiting.pop()) {
    page.push(first.event);
    const attemptId = attemptIn(first.event);
    // An agent begins after it was asked for.
    if (attemptId !== null && !attempts.has(attemptId)) await open(streamName('agent', attemptId));
    if (attemptId !== null) attempts.add(attemptId);
    await wait(first.source);
    if (page.length === mostInPage) {
      yield page;
      page = [];
    }
  }
  if (page.length > 0) yield page;
}

const streamsBesides = (runId: string): readonly StreamName[] => [
  runStream(runId),
  streamName('plan', runId),
  streamName('merge', runId),
];
