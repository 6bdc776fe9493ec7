import { expect } from '@jest/globals';
import { type RecordedEvent, verifyChain } from '@partitura/shared/events';
import type { ApiClient } from '@partitura/shared/http';
import { z } from 'zod';
import {
  completedTasks,
  faultsIn,
  mergesOf,
  modelCalls,
  ofType,
} from '../../../../services/standalone/src/testing/evidence.ts';
import { type FoldedLog, servedOf } from './fold-of-the-log.ts';
import { untilThere } from './until-there.ts';
import type { World } from './world.ts';

export interface EndedRun {
  readonly runId: string;
  readonly branch: string;
  /** Of the bare repository. */
  readonly path: string;
}

/** Of a run's own streams. */
export const eventsOf = (log: readonly RecordedEvent[], runId: string): readonly RecordedEvent[] =>
  log.filter(({ stream }) => stream.includes(runId));

/** Whatever happened on the way: each task completed once, each call paid for once, one merge for each, all of it in order. */
export const expectWholeLog = (log: readonly RecordedEvent[]): void => {
  expect(verifyChain(log)).toMatchObject({ intact: true });
  expect(ofType(log, 'processor.event_parked').map(({ data }) => data)).toEqual([]);
  expect(ofType(log, 'task.dead_lettered').map(({ data }) => data)).toEqual([]);
  const calls = [...modelCalls(log)];
  expect(calls.filter(([, { requested, answered }]) => requested !== 1 || answered > 1)).toEqual([]);
  expect(calls.filter(([, { answered, failed }]) => answered + failed === 0)).toEqual([]);
};

const added = z.object({ definition: z.object({ key: z.string(), parentKey: z.string().nullable() }) });

/** Tasks that somebody does: the others are what they are parts of. */
const leavesOf = (events: readonly RecordedEvent[]): readonly string[] => {
  const definitions = ofType(events, 'task.added').map(({ data }) => added.parse(data).definition);
  const parents = new Set(definitions.map(({ parentKey }) => parentKey));
  return definitions.map(({ key }) => key).filter((key) => !parents.has(key));
};

export const expectWholeRun = async (log: readonly RecordedEvent[], run: EndedRun): Promise<void> => {
  const events = eventsOf(log, run.runId);
  const completed = [...completedTasks(events)].sort();
  expect(completed).toEqual([...leavesOf(events)].sort());
  const merges = await mergesOf(run.path, run.branch);
  expect(new Set(merges).size).toBe(merges.length);
  expect(merges).toHaveLength(ofType(events, 'merge.completed').length);
  expect(await faultsIn(run.path)).toBe('');
};

/** What every gateway serves of the run is what a fold of the log gives. */
export const expectServedAsFolded = async (
  { store }: Pick<World, 'store'>,
  folded: FoldedLog,
  clients: readonly ApiClient[],
  runId: string,
): Promise<void> => {
  const expected = await folded.run(runId);
  const after = await store.head();
  for (const client of clients)
    expect(await untilThere(() => servedOf(client, runId, after))).toEqual(expected);
};
