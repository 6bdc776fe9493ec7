import type { EventStore } from '@partitura/shared/event-store';
import { beginning, type RunId, recordedIn, streamName } from '@partitura/shared/events';
import { isInherited, readWithPast } from '@partitura/shared/forking';
import { evolveRunFacts, factTypes, initialRunFacts, type RunFacts } from './run-facts.ts';

/** Keeps up with one run's stream for as long as its planning goes on. */
export interface RunWatch {
  /** As of now: whatever was appended together is seen together. */
  refresh(): Promise<RunFacts>;
  /** Resolves as soon as it holds; rejects with the signal's reason. */
  until(holds: (facts: RunFacts) => boolean, signal: AbortSignal): Promise<RunFacts>;
}

/**
 * The subscription only wakes up; what is the case is always read from the stream itself, where an append is whole. Nobody
 * subscribes while nobody waits.
 */
export const watchRun = (store: EventStore, runId: RunId): RunWatch => {
  const stream = streamName('run', runId);
  let facts = initialRunFacts();
  let next = 0;
  let position = beginning;

  const refresh = async (): Promise<RunFacts> => {
    for await (const page of readWithPast(store, stream, { from: next })) {
      for (const event of recordedIn('run', page)) {
        if (event.revision < next && !isInherited(event)) continue;
        facts = evolveRunFacts(facts, event, event.metadata);
        next = event.revision + 1;
        position = event.position;
      }
    }
    return facts;
  };

  const until: RunWatch['until'] = async (holds, signal) => {
    if (holds(await refresh())) return facts;
    const stop = new AbortController();
    const ended = AbortSignal.any([signal, stop.signal]);
    const pages = store.subscribe({
      after: position,
      filter: { categories: ['run'], types: factTypes },
      signal: ended,
    });
    try {
      for await (const { events } of pages) {
        if (events.some((event) => event.stream === stream) && holds(await refresh())) return facts;
      }
    } finally {
      stop.abort();
    }
    signal.throwIfAborted();
    throw new Error(`The subscription to ${stream} ended by itself.`);
  };

  return { refresh, until };
};
