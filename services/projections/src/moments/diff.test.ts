import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@partitura/shared/events';
import { runStory } from '@partitura/shared/http/testing';
import { forkStory } from '../testing/past-stories.ts';
import { type PastUnderTest, pastUnderTest } from '../testing/past-under-test.ts';
import { momentQueries } from './moment-queries.ts';

let past: PastUnderTest;
let events: readonly RecordedEvent[];

const context = {
  actor: 'user:tester',
  organizationId: null,
  correlationId: 'q1',
  commandId: 'c1',
  expectedRevision: null,
};

beforeAll(async () => {
  past = await pastUnderTest();
  await past.tell(runStory({ tasks: 3, deadLetter: true }));
  const at = (await past.events()).findLast(({ type }) => type === 'task.started')?.position ?? '';
  await past.tell(await forkStory(past.store, { parentId: 'r_1', runId: 'r_2', at }));
  await past.caughtUp();
  events = await past.events();
});
afterAll(() => past.stop());

const diff = async (id: string, query: { readonly from?: string; readonly to?: string }) =>
  momentQueries(past.readers, past.moments()).getRunDiff({ params: { id }, query, body: null }, context);

const positionsOf = (runId: string): readonly string[] =>
  events.flatMap(({ metadata, position }) => (metadata.runId === runId ? [position] : []));
const positionOf = (type: string): string => events.find((event) => event.type === type)?.position ?? '';

it('tells nothing from a moment to the same', async () => {
  for (const position of positionsOf('r_1')) {
    const found = await diff('r_1', { from: position, to: position });
    expect(found).toEqual({ runId: 'r_1', from: position, to: position, changes: [] });
  }
});

it('tells neither what was before, nor what came later', async () => {
  const [from, to] = [positionOf('merge.completed'), positionOf('task.completed')];
  const { changes } = await diff('r_1', { from, to });
  expect(changes.map(({ sentence }) => sentence)).toEqual([
    'T1 “Title of T1” was completed with dddddddddddd, in attempt 2.',
  ]);
});

it('the other way round is refused', async () => {
  const [from, to] = [positionOf('task.completed'), positionOf('merge.completed')];
  await expect(diff('r_1', { from, to })).rejects.toMatchObject({ code: 'BAD_RANGE' });
});

it('tells a whole run: the run and its phases before its work, money last, each in the order it came about', async () => {
  const { changes } = await diff('r_1', {});
  expect([...new Set(changes.map(({ subject }) => subject))]).toEqual([
    'run',
    'phase',
    'plan',
    'approval',
    'task',
    'agent',
    'merge',
    'budget',
  ]);
  const merges = changes.filter(({ subject }) => subject === 'merge').map(({ position }) => position);
  expect(merges.length).toBeGreaterThan(1);
  expect(merges).toEqual(merges.toSorted());
});

it('tells of a fork what it inherited, and only what it spent itself', async () => {
  const { changes } = await diff('r_2', {});
  const sentences = changes.map(({ sentence }) => sentence);
  expect(sentences).toContain('T1 “Title of T1” was completed with dddddddddddd, in attempt 2.');
  expect(sentences).toContain('The run was queued and is cancelled: Enough.');
  expect(sentences.at(-1)).toMatch(/^\$0\.0002 and 70 tokens were spent in 1 call: /);
});
