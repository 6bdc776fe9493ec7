import { join } from 'node:path';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { runStory, tellStore } from '@partitura/shared/http/testing';

export const events = 100_000;
/** Of one project each. */
export const runs = 50;
/** So that all runs together have as many events as are wanted. */
const tasksInRun = 100;

/** The log alone: read models are built from it by whoever serves it first. */
export const fill = async (directory: string): Promise<void> => {
  const store = openSqliteEventStore({ path: join(directory, 'events.db') });
  const stories = Array.from({ length: runs }, (_, run) =>
    runStory({ projectId: `p_${run}`, runId: `r_${run}`, tasks: tasksInRun }),
  );
  const told = stories.reduce((sum, story) => sum + story.length, 0);
  if (told < events) throw new Error(`The stories have ${told} events, and are to have ${events}.`);
  await Promise.all(stories.map((story) => tellStore(store, story.slice(0, events / runs))));
  await store.close();
};
