import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@partitura/shared/events';
import fc from 'fast-check';
import { liveState } from '../../../services/projections/src/moments/live-moment.ts';
import { projections } from '../../../services/projections/src/projections.ts';
import { documentsOf, foldOfTheLog } from '../../../services/projections/src/testing/documents.ts';
import {
  type PastUnderTest,
  pastUnderTest,
} from '../../../services/projections/src/testing/past-under-test.ts';
import { tellHistory } from './testing/installation.ts';
import { plainFold } from './testing/plain-fold.ts';
import { names, read } from './testing/recorded.ts';

/** Histories of up to so many events are asked about each; of longer ones the first, the last, and as many between them. */
const mostMoments = 160;
/** The same for how often the live read models are looked at on the way. */
const mostLooks = 40;

/** What a state is made of. */
const parts = ['runs', 'budgets', 'tasks', 'agents', 'approvals', 'discoveries'] as const;

type State = Awaited<ReturnType<typeof liveState>>;

const textOf = ({ run, budget, tasks, agents, approvals, discoveries }: State) => ({
  runs: [JSON.stringify(run)],
  budgets: [JSON.stringify(budget)],
  tasks: tasks.map((one) => JSON.stringify(one)),
  agents: agents.map((one) => JSON.stringify(one)),
  approvals: approvals.map((one) => JSON.stringify(one)),
  discoveries: discoveries.map((one) => JSON.stringify(one)),
});
type StateText = ReturnType<typeof textOf>;

/** What each of the runs is once it has begun, by run and position: folded from the log one event after the other. */
const foldedAt = (
  log: readonly RecordedEvent[],
  runIds: readonly string[],
): ReadonlyMap<string, Readonly<Record<string, readonly string[]>>> => {
  const folds = parts.map((part) => {
    const projection = projections.find(({ name }) => name === part);
    if (!projection) throw new Error(`There is no read model ${part}.`);
    return [part, plainFold(projection, log)] as const;
  });
  const stateOf = (runId: string) =>
    folds.map(([part, fold]) => {
      const ofRun = [...fold.documents()].filter(([id]) => id === runId || id.startsWith(`${runId}.`));
      return [part, ofRun.map(([, text]) => text)] as const;
    });
  const found = new Map<string, Readonly<Record<string, readonly string[]>>>();
  for (const event of log) {
    for (const [, fold] of folds) fold.take(event);
    for (const runId of runIds) {
      const state = Object.fromEntries(stateOf(runId));
      if (state.runs?.length === 1) found.set(`${runId} ${event.position}`, state);
    }
  }
  return found;
};

const chosen = (count: number, most: number): ReadonlySet<number> => {
  const places = Array.from({ length: count }, (_, place) => place);
  if (count <= most) return new Set(places);
  const some = fc.subarray(places, { minLength: most, maxLength: most });
  return new Set([0, count - 1, ...(fc.sample(some, { seed: 7, numRuns: 1 })[0] ?? [])]);
};

describe.each(names)('%s', (name) => {
  let past: PastUnderTest;
  let log: readonly RecordedEvent[];
  const runs = new Set<string>();
  /** What was live when the log had come so far, by run and position. */
  const lives = new Map<string, StateText>();

  const look = async (): Promise<void> => {
    await past.caughtUp();
    const head = await past.store.head();
    for (const runId of runs) lives.set(`${runId} ${head}`, textOf(await liveState(past.readers, runId)));
  };

  beforeAll(async () => {
    past = await pastUnderTest();
    const { events } = await read(name);
    const looks = chosen(events.length, mostLooks);
    for (const [place, event] of events.entries()) {
      await tellHistory(past.store, [event]);
      if (event.type === 'run.created' && event.metadata.runId) runs.add(event.metadata.runId);
      if (looks.has(place)) await look();
    }
    log = await past.events();
  });
  afterAll(() => past.stop());

  it('says of each moment what the fold up to it says, and what was live then', async () => {
    const expected = foldedAt(log, [...runs]);
    expect(lives.size).toBeGreaterThan(mostLooks / 2);
    for (const [when, live] of lives) expect([when, live]).toEqual([when, expected.get(when)]);
    const asking = chosen(log.length, mostMoments);
    const moments = past.moments({ spacing: 16 });
    let asked = 0;
    for (const [place, { metadata, position }] of log.entries()) {
      const fold = expected.get(`${metadata.runId} ${position}`);
      if (!fold || metadata.runId === undefined || !asking.has(place)) continue;
      asked += 1;
      expect(textOf(await moments.stateAt(metadata.runId, position))).toEqual(fold);
    }
    expect(asked).toBeGreaterThan(mostLooks / 2);
  });

  it('has the same read models, byte for byte, when each is built again', async () => {
    const live = await documentsOf(past.engine, past.readModels);
    expect(live).toEqual(await foldOfTheLog(past.store));
    for (const projection of projections) await past.engine.rebuild(projection.name);
    await past.engine.rebuilt();
    const generations = projections.map((one) => past.engine.collection(one.name).generation);
    expect(generations).toEqual(projections.map(() => 1));
    expect(await documentsOf(past.engine, past.readModels)).toEqual(live);
  });
});
