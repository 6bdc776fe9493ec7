import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@partitura/shared/events';
import { runStory } from '@partitura/shared/http/testing';
import fc from 'fast-check';
import { pastIn } from '../folding/past.ts';
import { forkStory, knownStory } from '../testing/past-stories.ts';
import { type PastUnderTest, pastUnderTest } from '../testing/past-under-test.ts';
import { liveState } from './live-moment.ts';
import { emptyRunFold } from './run-fold.ts';

let past: PastUnderTest;
let events: readonly RecordedEvent[];
/** In the middle of the parent's second task. */
let forkedAt: string;

const runIds = ['r_1', 'r_2', 'r_3'] as const;

beforeAll(async () => {
  past = await pastUnderTest();
  await past.tell(runStory({ tasks: 4, deadLetter: true }));
  await past.tell(knownStory('p_1', 'r_1'));
  const told = await past.events();
  forkedAt = told.findLast(({ type }) => type === 'task.started')?.position ?? '';
  await past.tell(await forkStory(past.store, { parentId: 'r_1', runId: 'r_2', at: forkedAt }));
  const forked = (await past.events()).at(-1)?.position ?? '';
  await past.tell(await forkStory(past.store, { parentId: 'r_2', runId: 'r_3', at: forked }));
  await past.caughtUp();
  events = await past.events();
});
afterAll(() => past.stop());

const ofRun = (runId: string) =>
  events.filter(({ metadata, type }) => metadata.runId === runId && !type.startsWith('processor.'));

/** What there is after each of the run's events, folded one by one and read from the log itself, by position. */
async function* folded(runId: string) {
  const fold = emptyRunFold(pastIn(past.store));
  for (const event of ofRun(runId)) {
    await fold.take([event]);
    yield [event.position, fold.documents()] as const;
  }
}
/** But for what others said later of what is known, which no event of the run tells. */
const comparable = ({
  discoveries,
  ...rest
}: Record<string, unknown> & { discoveries: readonly unknown[] }) =>
  JSON.parse(JSON.stringify({ ...rest, discoveries: discoveries.length }));

describe('the state of a run', () => {
  it.each(runIds)('%s: at each of its positions is the fold up to it', async (runId) => {
    const moments = past.moments({ spacing: 7 });
    for await (const [position, expected] of folded(runId)) {
      const { position: reached, ...state } = await moments.stateAt(runId, position);
      expect(reached).toBe(position);
      expect(comparable(state)).toEqual(expected && comparable({ ...expected }));
    }
  });

  it.each(runIds)('%s: at its end is the live one, byte for byte', async (runId) => {
    const last = events.at(-1)?.position ?? '';
    expect(JSON.stringify(await past.moments().stateAt(runId, last)).length).toBeGreaterThan(1_000);
    const { position: _, ...state } = await past.moments().stateAt(runId, last);
    const { position: __, ...live } = await liveState(past.readers, runId);
    const sorted = (one: object) =>
      Object.fromEntries(Object.entries(one).map(([name, value]) => [name, JSON.stringify(value)]));
    expect(sorted(state)).toEqual(sorted(live));
  });

  it('is the same with checkpoints, few of them, and none, in whatever order it is asked for', async () => {
    const positions = ofRun('r_1').flatMap(({ position }, index) => (index % 4 === 0 ? [position] : []));
    const never = past.moments({ spacing: Number.MAX_SAFE_INTEGER });
    const expected = new Map<string, string>();
    for (const position of positions)
      expected.set(position, JSON.stringify(await never.stateAt('r_1', position)));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 200 }),
        fc.array(fc.constantFrom(...positions), { minLength: 2, maxLength: 12 }),
        async (spacing, mostDocuments, asked) => {
          const moments = past.moments({ spacing, mostDocuments });
          for (const position of asked)
            expect(JSON.stringify(await moments.stateAt('r_1', position))).toBe(expected.get(position));
        },
      ),
      { numRuns: 15 },
    );
  });

  it('at a time is that before the first event that is later', async () => {
    const moments = past.moments({ spacing: 5 });
    const own = ofRun('r_1');
    for (const [index, { time, position }] of own.entries()) {
      if (index < 3 || index % 5 > 0) continue;
      expect((await moments.stateAt('r_1', time)).position).toBe(position);
      const justBefore = new Date(Date.parse(time) - 1).toISOString();
      expect((await moments.stateAt('r_1', justBefore)).position).toBe(own[index - 1]?.position);
    }
  });

  it('knows what was known then, and what was said of it from outside the run', async () => {
    const titles = async (position: string) =>
      (await past.moments().stateAt('r_1', position)).discoveries.map(({ id, retracted }) => [id, retracted]);
    const index = events.findIndex(({ type }) => type === 'knowledge.node_retracted');
    const retracted = events[index];
    expect(await titles(events[index - 1]?.position ?? '')).toEqual([
      ['k_r_1_T1', false],
      ['k_r_1_T2', false],
    ]);
    expect(await titles(retracted?.position ?? '')).toEqual([
      ['k_r_1_T1', true],
      ['k_r_1_T2', false],
    ]);
  });
});

describe('a fork', () => {
  const state = (runId: string) => past.moments().stateAt(runId, events.at(-1)?.position ?? '');

  it('has what its parent had, as its own, and says where it comes from', async () => {
    const parent = await past.moments().stateAt('r_1', forkedAt);
    const fork = await state('r_2');
    expect(fork.run.forkedFrom).toEqual({ runId: 'r_1', position: forkedAt });
    expect(fork.tasks.map(({ key, status }) => [key, status])).toEqual(
      parent.tasks.map(({ key, status }) => [key, status]),
    );
    expect(fork.tasks.every(({ runId, id }) => runId === 'r_2' && id.startsWith('r_2.'))).toBe(true);
    expect(fork.agents.map(({ id }) => id)).toEqual(parent.agents.map(({ id }) => id.replace('r_1', 'r_2')));
    expect(fork.approvals).toEqual([]);
  });

  it('pays for what is new, and tells apart what its parent paid', async () => {
    const parent = await past.moments().stateAt('r_1', forkedAt);
    const fork = await state('r_2');
    expect(fork.run.usage).toMatchObject({ inputTokens: 70, calls: 1 });
    expect(fork.run.inheritedUsage).toEqual(parent.run.usage);
    expect(fork.budget.spent).toMatchObject({ calls: 0 });
    const [cost] = await past.readers.several('costs', ['r_2']);
    expect(cost).toMatchObject({ total: { inputTokens: 70 }, inherited: parent.run.usage });
  });

  it('of a fork has what both had', async () => {
    const { run, tasks } = await state('r_3');
    expect(run.forkedFrom?.runId).toBe('r_2');
    expect(run.usage).toMatchObject({ inputTokens: 70 });
    expect(tasks.find(({ key }) => key === 'T1')).toMatchObject({ id: 'r_3.T1', comments: 3 });
  });

  it('is the same when it is built again, in whatever batches', async () => {
    const { engine, readModels } = past;
    const names = ['runs', 'tasks', 'agents', 'costs', 'budgets'];
    const documents = async () => {
      const pages = names.map((name) => readModels.find(engine.collection(name), { limit: 500 }));
      return JSON.stringify((await Promise.all(pages)).map(({ items }) => items));
    };
    const before = await documents();
    for (const name of names) await engine.rebuild(name);
    await engine.rebuilt();
    expect(await documents()).toBe(before);
    const other = await pastUnderTest(3);
    for await (const { events: page } of past.store.readAll())
      for (const { stream, revision: _, position: __, hash: ___, ...event } of page)
        await other.store.append(stream, [event], 'any');
    await other.caughtUp();
    const pages = names.map((name) => other.readModels.find(other.engine.collection(name), { limit: 500 }));
    expect(JSON.stringify((await Promise.all(pages)).map(({ items }) => items))).toBe(before);
    await other.stop();
  });
});
