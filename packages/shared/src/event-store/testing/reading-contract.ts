import { expect, it } from '@jest/globals';
import { asPosition, asRunId, beginning, type EventToAppend, verifyChain } from '../../events/index.ts';
import type { AppendResult, EventFilter, EventStore } from '../port.ts';
import { idsOf, note, notes, streamOf, wholeLog, wholeStream } from './made-up-events.ts';

const agentNote = (id: string, runId?: string): EventToAppend => ({
  ...note(id, id, runId),
  type: 'agent.noted',
});
const readNote = (id: string, runId?: string): EventToAppend => ({
  ...note(id, id, runId),
  type: 'note.read',
  data: {},
});

/** Three runs, two categories, three types, mixed. */
const mixed = async (store: EventStore): Promise<void> => {
  for (let round = 0; round < 4; round += 1) {
    const run = `r${round % 3}`;
    await store.append(
      streamOf('run', run),
      [note(`n${round}`, 'n', run), readNote(`r${round}`, run)],
      'any',
    );
    await store.append(streamOf('agent', `a${round}`), [agentNote(`a${round}`, run)], 'no_stream');
  }
  await store.append(streamOf('run', 'alone'), [note('alone')], 'no_stream');
};

/** How an adapter gives back what it has. */
export const readingContract = (current: () => EventStore): void => {
  const stream = streamOf('run', 'r_1');

  it('has nothing of a stream that does not exist, and of an empty log', async () => {
    const store = current();
    expect(await Array.fromAsync(store.readStream(stream))).toEqual([]);
    expect(await Array.fromAsync(store.readStream(stream, { direction: 'backwards' }))).toEqual([]);
    expect(await Array.fromAsync(store.readAll())).toEqual([]);
    expect(await store.head()).toBe(beginning);
  });

  it('reads a stream from anywhere, in both directions, up to a limit', async () => {
    const store = current();
    await store.append(stream, notes('e', 10), 'no_stream');
    const revisions = async (options: Parameters<EventStore['readStream']>[1]) =>
      (await wholeStream(store, stream, options)).map(({ revision }) => revision);
    expect(await revisions({})).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await revisions({ from: 7 })).toEqual([7, 8, 9]);
    expect(await revisions({ from: 2, limit: 3 })).toEqual([2, 3, 4]);
    expect(await revisions({ from: 10 })).toEqual([]);
    expect(await revisions({ direction: 'backwards', limit: 2 })).toEqual([9, 8]);
    expect(await revisions({ direction: 'backwards', from: 2 })).toEqual([2, 1, 0]);
    expect(await revisions({ limit: 0 })).toEqual([]);
  });

  it('reads all streams in one order that is the order of the appends', async () => {
    const store = current();
    const results: AppendResult[] = [];
    for (let index = 0; index < 30; index += 1)
      results.push(await store.append(streamOf('run', index % 7), [note(`e${index}`)], 'any'));
    const log = await wholeLog(store);
    expect(idsOf(log)).toEqual(Array.from({ length: 30 }, (_, index) => `e${index}`));
    expect(log.map(({ position }) => position)).toEqual(results.map(({ position }) => position));
    const positions = log.map(({ position }) => position);
    expect(positions.toSorted()).toEqual(positions);
    expect(new Set(positions).size).toBe(30);
    expect(idsOf(await wholeLog(store, { after: asPosition(positions[26] ?? '') }))).toEqual([
      'e27',
      'e28',
      'e29',
    ]);
    expect(idsOf(await wholeLog(store, { direction: 'backwards', limit: 2 }))).toEqual(['e29', 'e28']);
    expect(
      idsOf(await wholeLog(store, { direction: 'backwards', after: asPosition(positions[2] ?? '') })),
    ).toEqual(['e1', 'e0']);
    expect(await store.head()).toBe(positions.at(-1));
  });

  it.each<[string, EventFilter, string[]]>([
    ['a run', { runId: asRunId('r0') }, ['n0', 'r0', 'a0', 'n3', 'r3', 'a3']],
    ['a run and a category', { runId: asRunId('r0'), categories: ['agent'] }, ['a0', 'a3']],
    ['a run and types', { runId: asRunId('r1'), types: ['note.read', 'agent.noted'] }, ['r1', 'a1']],
    ['a type', { types: ['note.read'] }, ['r0', 'r1', 'r2', 'r3']],
    ['types', { types: ['note.read', 'agent.noted'] }, ['r0', 'a0', 'r1', 'a1', 'r2', 'a2', 'r3', 'a3']],
    ['a category', { categories: ['run'] }, ['n0', 'r0', 'n1', 'r1', 'n2', 'r2', 'n3', 'r3', 'alone']],
    [
      'a category and types',
      { categories: ['run'], types: ['note.read', 'agent.noted'] },
      ['r0', 'r1', 'r2', 'r3'],
    ],
    ['an unknown run', { runId: asRunId('r9') }, []],
    ['an unknown type', { types: ['note.burnt'] }, []],
    ['no types at all', { types: [] }, []],
    ['nothing', {}, ['n0', 'r0', 'a0', 'n1', 'r1', 'a1', 'n2', 'r2', 'a2', 'n3', 'r3', 'a3', 'alone']],
  ])('filters by %s', async (_, filter, ids) => {
    const store = current();
    await mixed(store);
    expect(idsOf(await wholeLog(store, { filter }))).toEqual(ids);
    expect(idsOf(await wholeLog(store, { filter, direction: 'backwards' }))).toEqual(ids.toReversed());
    expect(idsOf(await wholeLog(store, { filter, limit: 3 }))).toEqual(ids.slice(0, 3));
  });

  it('moves a page’s position over what the filter holds back', async () => {
    const store = current();
    await mixed(store);
    const pages = await Array.fromAsync(store.readAll({ filter: { types: ['note.read'] } }));
    expect(pages.at(-1)?.position).toBe(await store.head());
    const [limited] = await Array.fromAsync(store.readAll({ filter: { types: ['note.read'] }, limit: 1 }));
    expect(
      idsOf(
        await wholeLog(store, { after: limited?.position ?? beginning, filter: { types: ['note.read'] } }),
      ),
    ).toEqual(['r1', 'r2', 'r3']);
  });

  it('hands out pages of a bounded size, whatever there is', async () => {
    const store = current();
    for (let index = 0; index < 5; index += 1) await store.append(stream, notes(`e${index}-`, 500), 'any');
    const pages = await Array.fromAsync(store.readStream(stream));
    expect(pages.flat()).toHaveLength(2_500);
    expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(1_000);
    expect(Math.min(...pages.map((page) => page.length))).toBeGreaterThan(0);
  });

  it('keeps thousands of streams apart', async () => {
    const store = current();
    const names = Array.from({ length: 3_000 }, (_, index) => streamOf('agent', `a${index}`));
    await Promise.all(
      names.map((name, index) =>
        store.append(name, [agentNote(`one${index}`), agentNote(`two${index}`)], 'no_stream'),
      ),
    );
    await Promise.all(names.map((name, index) => store.append(name, [agentNote(`three${index}`)], 1)));
    expect(await wholeLog(store)).toHaveLength(9_000);
    for (const index of [0, 1, 1_499, 2_999]) {
      const events = await wholeStream(store, streamOf('agent', `a${index}`));
      expect(idsOf(events)).toEqual([`one${index}`, `two${index}`, `three${index}`]);
    }
  });

  it('refuses a position that it never gave out', async () => {
    await expect(wholeLog(current(), { after: asPosition('somewhere') })).rejects.toMatchObject({
      code: 'INVALID_POSITION',
    });
  });

  it('chains the hashes of each stream', async () => {
    const store = current();
    await mixed(store);
    const log = await wholeLog(store, { asRecorded: true });
    expect(verifyChain(log)).toMatchObject({ intact: true, events: 13 });
    const changed = log.map((event) =>
      event.id === 'r1' ? { ...event, metadata: { ...event.metadata, actor: 'user:nobody' } } : event,
    );
    expect(verifyChain(changed)).toMatchObject({
      intact: false,
      firstBreak: { eventId: 'r1', kind: 'content' },
    });
  });
};
