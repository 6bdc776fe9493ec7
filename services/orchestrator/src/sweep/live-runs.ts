import { importedHistory } from '@partitura/shared/bundles';
import type { EventStore } from '@partitura/shared/event-store';
import {
  beginning,
  type Position,
  type RecordedEvent,
  recordedIn,
  streamName,
} from '@partitura/shared/events';
import { readWithPast } from '@partitura/shared/forking';
import { beginningsAndEndings, isEnding } from '../reactors/outstanding.ts';
import { emptyOutline, evolveOutline, outlineOf, type RunOutline } from '../runs/outline.ts';
import type { RunHandler } from '../runs/run-handler.ts';

/** The outlines of all runs that began and have not ended, paused ones too, wherever they are brought on. */
export interface LiveRuns {
  /** Takes in what began and what ended since the last time: by type, and only what is new. */
  follow(): Promise<void>;
  ids(): readonly string[];
  /** Reads on to the end of the run's stream; null for a run that is not live. */
  look(runId: string): Promise<RunOutline | null>;
}

export const liveRuns = (store: EventStore, runs: RunHandler): LiveRuns => {
  const outlines = new Map<string, RunOutline | null>();
  const history = importedHistory(store);
  const looking = new Map<string, Promise<RunOutline | null>>();
  let position: Position = beginning;

  const leave = (runId: string): void => {
    outlines.delete(runId);
    // Where another replica ended it, nobody here has noticed.
    runs.forget(runId);
  };

  /** Of a run in memory the outline costs no reading. */
  const fromMemory = async (runId: string, before: RunOutline): Promise<RunOutline> => {
    const { state, revision } = await runs.read(runId);
    return state !== null && revision > before.revision ? outlineOf(state, revision) : before;
  };

  const readOn = async (runId: string, outline: RunOutline): Promise<void> => {
    const pages = readWithPast(store, streamName('run', runId), { from: outline.revision + 1 });
    for await (const page of pages) {
      for (const event of recordedIn('run', page)) {
        evolveOutline(outline, event);
        outline.revision = event.revision;
      }
    }
  };

  const enter = ({ type, stream }: RecordedEvent): void => {
    const runId = stream.slice('run-'.length);
    if (isEnding(type)) leave(runId);
    else if (!outlines.has(runId)) outlines.set(runId, null);
  };

  const look = async (runId: string): Promise<RunOutline | null> => {
    if (!outlines.has(runId)) return null;
    const before = outlines.get(runId) ?? emptyOutline();
    const outline = runs.knows(runId) ? await fromMemory(runId, before) : before;
    await readOn(runId, outline);
    if (outlines.has(runId)) outlines.set(runId, outline);
    return outline.status === 'ended' ? null : outline;
  };

  /** One after the other: two that read on at once would fold the same events twice. */
  const lookInTurn = (runId: string): Promise<RunOutline | null> => {
    const before = looking.get(runId) ?? Promise.resolve(null);
    const looked = before.catch(() => null).then(() => look(runId));
    looking.set(runId, looked);
    const done = (): void => {
      if (looking.get(runId) === looked) looking.delete(runId);
    };
    looked.then(done, done);
    return looked;
  };

  return {
    follow: async () => {
      for await (const page of store.readAll({ after: position, filter: beginningsAndEndings })) {
        (await history.withoutImported(page.events)).forEach(enter);
        position = page.position;
      }
    },
    ids: () => [...outlines.keys()],
    look: lookInTurn,
  };
};
