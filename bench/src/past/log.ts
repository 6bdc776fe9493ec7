import { join } from 'node:path';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { type Happening, runStory, tellStore } from '@partitura/shared/http/testing';
import { keptDirectory } from '../temporary-directory.ts';

export const runId = 'r_1';

/** One run of some 100,000 events: 1,000 tasks, each with an agent that goes through its steps four times over. */
const story = (): readonly Happening[] =>
  runStory({ tasks: 1_000 }).flatMap((happening) =>
    happening.stream.startsWith('agent-') && happening.event.type !== 'agent.spawned'
      ? Array.from({ length: happening.event.type === 'agent.finished' ? 1 : 7 }, () => happening)
      : [happening],
  );

let directory: string | null = null;

/** A directory with the log, written once; what is read from it is as it was stored. */
export const withLog = async (): Promise<string> => {
  if (directory !== null) return directory;
  const made = keptDirectory();
  const store = openSqliteEventStore({ path: join(made, 'events.db') });
  const happenings = story();
  // A thousand at a time, so that these are synced together.
  for (let from = 0; from < happenings.length; from += 1_000)
    await Promise.all(
      happenings
        .slice(from, from + 1_000)
        .map((happening, index) => tellStore(store, [happening], from + index)),
    );
  await store.close();
  directory = made;
  return made;
};
