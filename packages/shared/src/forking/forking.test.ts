import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { type EventStore, openSqliteEventStore } from '../event-store/index.ts';
import {
  type Category,
  contract,
  createEventRegistry,
  forkedRun,
  type RecordedEvent,
  type StreamName,
  streamName,
} from '../events/index.ts';
import { foldStream } from '../processing/index.ts';
import { inheritedEvents, isForked, readWithPast, translation } from './index.ts';

const said = contract('Something of a task.', z.strictObject({ taskId: z.string(), text: z.string() }));
const registry = createEventRegistry({
  run: {
    'run.created': contract('It exists.', z.strictObject({ runId: z.string() })),
    'run.forked': contract('It goes on from another.', forkedRun),
    'task.scheduled': contract('An attempt.', z.strictObject({ taskId: z.string(), attemptId: z.string() })),
    'approval.granted': contract('Yes.', z.strictObject({ approvalId: z.string() })),
    'run.said': said,
  },
  plan: { 'plan.said': said },
  agent: { 'agent.said': said },
  merge: { 'merge.said': said },
});

let store: EventStore;
beforeEach(() => {
  store = openSqliteEventStore({ path: ':memory:', registry });
});
afterEach(() => store.close());

let made = 0;
const append = async (stream: StreamName, runId: string, type: string, data: unknown): Promise<string> => {
  made += 1;
  const metadata = {
    source: '/test',
    actor: `agent:${runId}.T1.a1`,
    correlationId: runId,
    causationId: null,
  };
  const event = { id: `e${made}`, type, version: 1, data, time: '2026-01-02T03:04:05.678Z', metadata };
  return (await store.append(stream, [event], 'any')).position;
};

const streamsOf = (runId: string): Readonly<Record<'run' | 'plan' | 'merge', StreamName>> => ({
  run: streamName('run', runId),
  plan: streamName('plan', runId),
  merge: streamName('merge', runId),
});

type Act = { readonly in: Exclude<Category, 'project'> | 'schedule' | 'approval'; readonly attempt: number };
const acts = fc.array(
  fc.record({
    in: fc.constantFrom<Act['in']>('run', 'plan', 'merge', 'agent', 'schedule', 'approval'),
    attempt: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 1, maxLength: 30 },
);

/** Does something in a run; an agent says nothing before it was asked for. */
const act = async (runId: string, { in: where, attempt }: Act, scheduled: Set<string>): Promise<void> => {
  const taskId = `${runId}.T1`;
  const attemptId = `${taskId}.a${attempt}`;
  const text = `${runId} said so, and partitura/${runId} too`;
  if (where === 'schedule') {
    scheduled.add(attemptId);
    await append(streamName('run', runId), runId, 'task.scheduled', { taskId, attemptId });
  } else if (where === 'approval')
    await append(streamName('run', runId), runId, 'approval.granted', { approvalId: `${runId}.plan1` });
  else if (where === 'agent') {
    if (scheduled.has(attemptId))
      await append(streamName('agent', attemptId), runId, 'agent.said', { taskId, text });
  } else await append(streamName(where, runId), runId, `${where}.said`, { taskId, text });
};

const logOf = async (): Promise<readonly RecordedEvent[]> =>
  (await Array.fromAsync(store.readAll())).flatMap(({ events }) => events);

/** By the whole log, as no service may read it. */
const fork = async (parentRunId: string, runId: string, at: string): Promise<void> => {
  const streams: Record<string, number> = {};
  for (const { stream, revision, position } of await logOf())
    if (stream.includes(`-${parentRunId}`) && position <= at) streams[stream] = revision;
  await append(streamName('run', runId), runId, 'run.created', { runId });
  await append(streamName('run', runId), runId, 'run.forked', {
    parentRunId,
    at,
    streams,
    commit: null,
    shiftMs: 0,
    unsettled: {},
    changes: { model: null, budget: null, prompts: [], droppedTasks: [] },
  });
};

const inheritedBy = async (runId: string): Promise<readonly RecordedEvent[]> => {
  const forked = (await Array.fromAsync(store.readStream(streamName('run', runId)))).flat().find(isForked);
  if (!forked) throw new Error(`${runId} is no fork.`);
  return (await Array.fromAsync(inheritedEvents(store, forked))).flat();
};

const pastIn = async (stream: StreamName): Promise<readonly RecordedEvent[]> =>
  (await Array.fromAsync(readWithPast(store, stream))).flat();

const whatOf = ({ type, data, stream, position }: RecordedEvent) => ({ type, data, stream, position });
const isLeft = ({ type }: RecordedEvent): boolean => type === 'run.created' || type.startsWith('approval.');

describe('what a fork inherits', () => {
  it('is all of its parent up to the position, in the order of the log, under its own ids; also of a fork of a fork', async () => {
    await fc.assert(
      fc.asyncProperty(acts, acts, fc.nat(), fc.nat(), async (first, second, cut, cutAgain) => {
        made += 1;
        const [parent, child, grandchild] = [`r_a${made}`, `r_b${made}`, `r_c${made}`];
        const scheduled = new Set<string>();
        await append(streamName('run', parent), parent, 'run.created', { runId: parent });
        for (const one of first) await act(parent, one, scheduled);
        const own = (await logOf()).filter(({ stream }) => stream.includes(`-${parent}`));
        const at = own[cut % own.length]?.position ?? '';
        await fork(parent, child, at);
        // The parent goes on, and so does the fork.
        for (const one of second) await act(parent, one, scheduled);
        const before = own.filter((event) => event.position <= at && !isLeft(event));
        const { event: asChilds } = translation(parent, child);
        const expected = before.map((event) => whatOf(asChilds(event, 0)));
        expect((await inheritedBy(child)).map(whatOf)).toEqual(expected);

        const ofChild = new Set(
          [...scheduled]
            .filter((id) =>
              before.some(({ type, data }) => type === 'task.scheduled' && JSON.stringify(data).includes(id)),
            )
            .map((id) => id.replace(parent, child)),
        );
        for (const one of second) await act(child, one, ofChild);
        const childs = (await logOf()).filter(({ stream }) => stream.includes(`-${child}`));
        const last = childs[1 + (cutAgain % (childs.length - 1))]?.position ?? '';
        await fork(child, grandchild, last);
        const { event: asGrandchilds } = translation(child, grandchild);
        const later = childs.filter((event) => event.position <= last && !isLeft(event));
        const whole = [...(await inheritedBy(child)), ...later].map((event) =>
          whatOf(asGrandchilds(event, 0)),
        );
        expect((await inheritedBy(grandchild)).map(whatOf)).toEqual(whole);
      }),
      { numRuns: 30, seed: 11 },
    );
  });

  it('stands behind the beginning of its run and before all else, and a fold of it ends where the stream does', async () => {
    const [parent, child] = ['r_p', 'r_f'];
    await append(streamName('run', parent), parent, 'run.created', { runId: parent });
    for (const where of ['schedule', 'run', 'agent', 'plan'] as const)
      await act(parent, { in: where, attempt: 1 }, new Set([`${parent}.T1.a1`]));
    await fork(parent, child, await store.head());
    const types = async (stream: StreamName) =>
      foldStream<string[], RecordedEvent>(store, stream, [], (all, { type }) => [...all, type]);
    const run = await types(streamName('run', child));
    expect(run).toMatchObject({
      state: ['run.created', 'task.scheduled', 'run.said', 'run.forked'],
      revision: 1,
    });
    // Nobody has written to it: whoever does so first creates it.
    const agent = streamName('agent', `${child}.T1.a1`);
    expect(await types(agent)).toMatchObject({ state: ['agent.said'], revision: -1 });
    await act(child, { in: 'agent', attempt: 1 }, new Set([`${child}.T1.a1`]));
    expect(await types(agent)).toMatchObject({ state: ['agent.said', 'agent.said'], revision: 0 });
    expect(await types(streamsOf(child).merge)).toMatchObject({ state: [], revision: -1 });
    expect((await pastIn(streamsOf(child).plan)).map(({ stream }) => stream)).toEqual([`plan-${child}`]);
  });
});

describe('the translation of what a run said', () => {
  it('takes ids as a whole, and leaves texts, hashes and other runs as they are', () => {
    const { text } = translation('r_1', 'r_2');
    for (const [given, expected] of [
      ['r_1', 'r_2'],
      ['r_1.T4.a2', 'r_2.T4.a2'],
      ['agent:r_1.T4.a2', 'agent:r_2.T4.a2'],
      ['partitura/r_1', 'partitura/r_2'],
      ['partitura-task/r_1.T4.a2', 'partitura-task/r_2.T4.a2'],
      ['merge-r_1', 'merge-r_2'],
      ['r_12.T4', 'r_12.T4'],
      ['see r_1.T4', 'see r_1.T4'],
      ['r_1 said so', 'r_1 said so'],
      ['user:r_1', 'user:r_1'],
    ] as const)
      expect(text(given)).toBe(expected);
  });
});
