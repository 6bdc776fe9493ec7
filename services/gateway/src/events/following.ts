import type { EventFilter } from '@partitura/shared/event-store';
import { asRunId, type RecordedEvent } from '@partitura/shared/events';
import { isShownTo, placeOf } from '@partitura/shared/http';
import type { Caller } from '../identity/caller.ts';

/** What somebody wants to follow; all that is given has to hold. */
export interface Following {
  readonly projectId?: string | undefined;
  readonly runId?: string | undefined;
  readonly taskId?: string | undefined;
  readonly agentId?: string | undefined;
  readonly types?: readonly string[] | undefined;
}

/** The part of it that the store knows how to look for. */
export const storeFilterOf = ({ runId, types }: Following): EventFilter => ({
  ...(runId === undefined ? {} : { runId: asRunId(runId) }),
  ...(types === undefined ? {} : { types }),
});

/** What the store looks for, of an event that is at hand. */
export const isFollowed = ({ runId, types }: Following, event: RecordedEvent): boolean =>
  (runId === undefined || event.metadata.runId === runId) &&
  (types === undefined || types.includes(event.type));

const kinds = ['projectId', 'taskId', 'agentId'] as const;

/** Whether the caller may see the event, and wants to. The store has looked at run and types. */
export const concernOf = (following: Following): ((caller: Caller, event: RecordedEvent) => boolean) => {
  const wanted = kinds.filter((kind) => following[kind] !== undefined);
  return (caller, event) => {
    if (!isShownTo(caller, event)) return false;
    if (wanted.length === 0) return true;
    const place = placeOf(event);
    return wanted.every((kind) => place[kind] === following[kind]);
  };
};

type Pages = AsyncIterable<{ readonly events: readonly RecordedEvent[] }>;

/** Pulls: the next page is read when the last event of this one was taken. Ends when `take` says false, or the signal aborts. */
export const pull = async (
  pages: Pages,
  signal: AbortSignal,
  take: (event: RecordedEvent) => Promise<boolean>,
): Promise<void> => {
  for await (const { events } of pages) {
    for (const event of events) {
      if (signal.aborted || !(await take(event))) return;
    }
  }
};
