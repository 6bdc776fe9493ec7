import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@partitura/shared/events';
import { type CloudEvent, type HistoryQuery, operations, placeOf } from '@partitura/shared/http';
import { runStory } from '@partitura/shared/http/testing';
import fc from 'fast-check';
import { forkStory, knownStory } from '../testing/past-stories.ts';
import { type PastUnderTest, pastUnderTest } from '../testing/past-under-test.ts';
import { historyQueries } from './history-queries.ts';

let past: PastUnderTest;
let events: readonly RecordedEvent[];
let forkedAt: string;

beforeAll(async () => {
  past = await pastUnderTest();
  await past.tell(runStory({ tasks: 3 }));
  await past.tell(knownStory('p_1', 'r_1'));
  await past.tell(runStory({ projectId: 'p_2', runId: 'r_9', tasks: 1 }));
  forkedAt = (await past.events()).find(({ type }) => type === 'task.submitted')?.position ?? '';
  await past.tell(await forkStory(past.store, { parentId: 'r_1', runId: 'r_2', at: forkedAt }));
  await past.caughtUp();
  events = await past.events();
});
afterAll(() => past.stop());

type Of = 'Project' | 'Run' | 'Task' | 'Agent';
type Asked = Partial<HistoryQuery>;

const page = async (of: Of, id: string, asked: Asked) => {
  const query = operations.getRunHistory.query.parse(asked);
  const handlers = historyQueries(past.readers, past.store);
  // Handlers of the read models ask for nothing but the input.
  const context = {
    actor: 'user:tester',
    organizationId: null,
    correlationId: 'q',
    commandId: 'c',
    expectedRevision: null,
  };
  return handlers[`get${of}History`]({ params: { id }, query, body: null }, context);
};

const everyPage = async (of: Of, id: string, asked: Asked): Promise<readonly CloudEvent[]> => {
  const items: CloudEvent[] = [];
  let { items: found, nextCursor } = await page(of, id, asked);
  items.push(...found);
  while (nextCursor !== null) {
    ({ items: found, nextCursor } = await page(of, id, { ...asked, cursor: nextCursor }));
    items.push(...found);
  }
  return items;
};

/** Said as plainly as it can be. */
const expected = (isOfIt: (event: RecordedEvent) => boolean, asked: Asked): readonly string[] => {
  const types = asked.type?.split(',');
  const positions = events
    .filter(isOfIt)
    .filter(({ type }) => types === undefined || types.includes(type))
    .filter((event) => asked.task === undefined || placeOf(event).taskId === asked.task)
    .filter((event) => asked.agent === undefined || placeOf(event).agentId === asked.agent)
    .filter(({ metadata }) => asked.actor === undefined || metadata.actor === asked.actor)
    .filter(({ time }) => asked.since === undefined || Date.parse(time) >= Date.parse(asked.since))
    .filter(({ time }) => asked.until === undefined || Date.parse(time) <= Date.parse(asked.until))
    .filter(({ position }) => asked.from === undefined || position >= asked.from)
    .filter(({ position }) => asked.to === undefined || position <= asked.to)
    .map(({ position }) => position);
  return asked.order === 'descending' ? positions.reverse() : positions;
};
const positionsOf = (found: readonly CloudEvent[]) => found.map(({ position }) => position);

const isOf: Readonly<Record<string, (event: RecordedEvent) => boolean>> = {
  p_1: (event) => placeOf(event).projectId === 'p_1',
  r_1: (event) => placeOf(event).runId === 'r_1',
  'r_1.T1': (event) => placeOf(event).taskId === 'r_1.T1',
  'r_1.T1.a2': (event) => placeOf(event).agentId === 'r_1.T1.a2',
};
const wholes = [
  ['Project', 'p_1'],
  ['Run', 'r_1'],
  ['Task', 'r_1.T1'],
  ['Agent', 'r_1.T1.a2'],
] as const;

const somewhere = fc.integer({ min: 0, max: 1_000 });
const at = (share: number): RecordedEvent | undefined => events[Math.floor((share / 1_001) * events.length)];

describe('history', () => {
  it.each(wholes)('of a %s is all that is about it, however it is filtered and paged', async (of, id) => {
    const filters = fc.record(
      {
        order: fc.constantFrom('ascending' as const, 'descending' as const),
        type: fc.constantFrom('task.started', 'agent.spawned,task.completed,task.started', 'run.created'),
        actor: fc.constantFrom('user:teller', 'user:nobody'),
        from: somewhere,
        to: somewhere,
        since: somewhere,
        until: somewhere,
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 1, max: 60 }), async (given, limit) => {
        const { from, to, since, until, ...rest } = given;
        const [first, last] = [from, to].map((one) => (one === undefined ? undefined : at(one)?.position));
        const [begin, end] = [since, until].map((one) => (one === undefined ? undefined : at(one)?.time));
        fc.pre(!(first && last && first > last) && !(begin && end && begin > end));
        const asked: Asked = {
          ...rest,
          ...(first && { from: first }),
          ...(last && { to: last }),
          ...(begin && { since: begin }),
          ...(end && { until: end }),
        };
        const found = await everyPage(of, id, { ...asked, limit });
        expect(positionsOf(found)).toEqual(expected(isOf[id] ?? (() => false), asked));
      }),
      { numRuns: 40 },
    );
  });

  it('is narrowed to a task or an agent that is part of it, and to no other', async () => {
    const ofTask = { task: 'r_1.T2' };
    const isOfProject = isOf.p_1 ?? (() => false);
    expect(positionsOf(await everyPage('Project', 'p_1', ofTask))).toEqual(expected(isOfProject, ofTask));
    const ofAgent = { agent: 'r_1.T1.a1', task: 'r_1.T1' };
    expect(positionsOf(await everyPage('Run', 'r_1', ofAgent))).toEqual(
      expected(() => true, { agent: 'r_1.T1.a1' }),
    );
    for (const [of, id, asked, code] of [
      ['Run', 'r_9', { task: 'r_1.T1' }, 'TASK_NOT_FOUND'],
      ['Project', 'p_2', { agent: 'r_1.T1.a1' }, 'AGENT_NOT_FOUND'],
      ['Run', 'r_1', { task: 'r_1.T2', agent: 'r_1.T1.a1' }, 'AGENT_NOT_FOUND'],
      ['Run', 'r_1', { task: 'nobodys' }, 'TASK_NOT_FOUND'],
    ] as const)
      await expect(page(of, id, asked)).rejects.toMatchObject({ code });
  });

  it('of a fork begins with that of its parent, as it is recorded there, both ways', async () => {
    const isOfFork = (event: RecordedEvent): boolean =>
      placeOf(event).runId === 'r_2' || (placeOf(event).runId === 'r_1' && event.position <= forkedAt);
    for (const order of ['ascending', 'descending'] as const)
      for (const limit of [1, 7, 500]) {
        const found = await everyPage('Run', 'r_2', { order, limit });
        expect(positionsOf(found)).toEqual(expected(isOfFork, { order }));
      }
    const task = await everyPage('Task', 'r_2.T1', { limit: 5 });
    expect(positionsOf(task)).toEqual(
      expected((event) => isOfFork(event) && ['r_1.T1', 'r_2.T1'].includes(placeOf(event).taskId ?? ''), {}),
    );
  });

  it.each<readonly [Asked, string]>([
    [{ type: 'task.complete' }, 'UNKNOWN_EVENT_TYPE'],
    [{ from: '17' }, 'INVALID_POSITION'],
    [{ to: '9999999999999999' }, 'UNKNOWN_POSITION'],
    [{ from: '0000000000000009', to: '0000000000000003' }, 'BAD_RANGE'],
    [{ since: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' }, 'BAD_RANGE'],
    [{ cursor: 'nonsense' }, 'BAD_CURSOR'],
    [{ cursor: '0~nonsense' }, 'BAD_CURSOR'],
  ])('%j is refused with %s', async (asked, code) => {
    await expect(page('Run', 'r_1', asked)).rejects.toMatchObject({ code });
  });

  it('refuses the cursor of another order', async () => {
    const { nextCursor } = await page('Run', 'r_1', { limit: 3 });
    const asked: Asked = { limit: 3, order: 'descending', ...(nextCursor && { cursor: nextCursor }) };
    await expect(page('Run', 'r_1', asked)).rejects.toMatchObject({ code: 'BAD_CURSOR' });
  });
});
