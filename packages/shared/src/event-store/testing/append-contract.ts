import { expect, it } from '@jest/globals';
import type { EventStore } from '../port.ts';
import {
  firstRegistry,
  idsOf,
  note,
  notes,
  streamOf,
  wasTaken,
  wholeLog,
  wholeStream,
} from './made-up-events.ts';

/** What every adapter does on an append. `current` is the store of the test at hand, empty at its start. */
export const appendContract = (current: () => EventStore): void => {
  const stream = streamOf('run', 'r_1');

  it('lets exactly one of two creators win', async () => {
    const store = current();
    for (let round = 0; round < 20; round += 1) {
      const contested = streamOf('run', `race${round}`);
      const taken = await Promise.all(
        ['a', 'b', 'c'].map((who) =>
          wasTaken(store, contested, [note(`${who}${round}`), note(`${who}${round}.2`)], 'no_stream'),
        ),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
      const winner = ['a', 'b', 'c'][taken.indexOf(true)];
      expect(idsOf(await wholeStream(store, contested))).toEqual([
        `${winner}${round}`,
        `${winner}${round}.2`,
      ]);
    }
  });

  it('lets exactly one of many appenders at a revision win, however often they try', async () => {
    const store = current();
    await store.append(stream, [note('first')], 'no_stream');
    const attempts = { won: 0 };
    const appender = async (name: string): Promise<void> => {
      for (let own = 0; own < 10; ) {
        const revision =
          (await wholeStream(store, stream, { direction: 'backwards', limit: 1 })).at(0)?.revision ?? -1;
        if (!(await wasTaken(store, stream, [note(`${name}.${own}`)], revision))) continue;
        own += 1;
        attempts.won += 1;
      }
    };
    await Promise.all(['a', 'b', 'c', 'd'].map(appender));
    const events = await wholeStream(store, stream);
    expect(attempts.won).toBe(40);
    expect(events.map(({ revision }) => revision)).toEqual(Array.from({ length: 41 }, (_, index) => index));
    expect(new Set(idsOf(events)).size).toBe(41);
  });

  it('checks every kind of expectation for real', async () => {
    const store = current();
    expect(await wasTaken(store, stream, [note('x')], 'stream_exists')).toBe(false);
    expect(await wasTaken(store, stream, [note('x')], 0)).toBe(false);
    expect(await wasTaken(store, stream, [note('x')], -1)).toBe(false);
    expect(await wholeStream(store, stream)).toEqual([]);
    expect(await wasTaken(store, stream, [note('a')], 'any')).toBe(true);
    expect(await wasTaken(store, stream, [note('b')], 'stream_exists')).toBe(true);
    expect(await wasTaken(store, stream, [note('c')], 0)).toBe(false);
    expect(await wasTaken(store, stream, [note('c')], 2)).toBe(false);
    expect(await wasTaken(store, stream, [note('c')], 1)).toBe(true);
    expect(await wasTaken(store, stream, [note('d')], 'no_stream')).toBe(false);
    expect(idsOf(await wholeStream(store, stream))).toEqual(['a', 'b', 'c']);
  });

  it('leaves nothing behind of a conflict, and lets the others of the same turn through', async () => {
    const store = current();
    await store.append(stream, notes('a', 3), 'no_stream');
    const other = streamOf('run', 'r_2');
    const [lost, won, also] = await Promise.allSettled([
      store.append(stream, notes('b', 2), 1),
      store.append(other, notes('c', 2), 'no_stream'),
      store.append(stream, notes('d', 2), 2),
    ]);
    expect(lost).toMatchObject({ status: 'rejected', reason: { code: 'STREAM_REVISION_CONFLICT' } });
    expect([won?.status, also?.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(idsOf(await wholeLog(store))).toEqual(['a0', 'a1', 'a2', 'c0', 'c1', 'd0', 'd1']);
  });

  it('acknowledges the same events again with their first result, and writes nothing', async () => {
    const store = current();
    const first = await store.append(stream, notes('a', 3), 'no_stream');
    expect(first).toEqual({ revision: 2, position: first.position, alreadyRecorded: false });
    await store.append(stream, notes('b', 2), 2);
    for (const expected of ['no_stream', 'any', 'stream_exists', 4, 0] as const) {
      expect(await store.append(stream, notes('a', 3), expected)).toEqual({
        ...first,
        alreadyRecorded: true,
      });
    }
    expect(await wholeLog(store)).toHaveLength(5);
  });

  it('takes the same append given twice in one turn once', async () => {
    const store = current();
    const [one, two] = await Promise.all([
      store.append(stream, notes('a', 2), 'no_stream'),
      store.append(stream, notes('a', 2), 'no_stream'),
    ]);
    expect([one.alreadyRecorded, two.alreadyRecorded]).toEqual([false, true]);
    expect(two.position).toBe(one.position);
    expect(await wholeLog(store)).toHaveLength(2);
  });

  it.each([
    ['more than what is there', ['a1', 'a2', 'a3']],
    ['an old one after a new one', ['new', 'a0']],
    ['another order', ['a1', 'a0']],
    ['with a gap', ['a0', 'a2']],
    ['the same id twice', ['new', 'new']],
  ])('refuses events that are recorded in part: %s', async (_, ids) => {
    const store = current();
    await store.append(stream, notes('a', 3), 'no_stream');
    await expect(
      store.append(
        stream,
        ids.map((id) => note(id)),
        'any',
      ),
    ).rejects.toMatchObject({ code: expect.stringMatching(/CONFLICT|INVALID_EVENT/) });
    expect(await wholeLog(store)).toHaveLength(3);
  });

  it('knows an event again in its own stream only', async () => {
    const store = current();
    await store.append(stream, [note('same')], 'no_stream');
    const result = await store.append(streamOf('run', 'r_2'), [note('same')], 'no_stream');
    expect(result.alreadyRecorded).toBe(false);
    expect(await wholeLog(store)).toHaveLength(2);
  });

  it.each([
    ['a field too many', { data: { text: 'a', extra: 1 } }, ''],
    ['a wrong field', { data: { text: 7 } }, 'text'],
    ['no data', { data: null }, ''],
    ['a type of another category', { type: 'agent.noted' }, 'type'],
    ['a type that nobody declared', { type: 'note.burnt' }, 'type'],
    ['a version that is not current', { version: 2 }, 'version'],
    ['an empty id', { id: '' }, 'id'],
    ['a local time', { time: '2026-01-02T03:04:05+01:00' }, 'time'],
    [
      'nobody who did it',
      { metadata: { source: '/test', actor: '', correlationId: 'c', causationId: null } },
      'metadata.actor',
    ],
  ])('refuses an event with %s, and all that came with it', async (_, wrong, path) => {
    const store = current();
    await expect(
      store.append(stream, [note('good'), { ...note('bad'), ...wrong }], 'any'),
    ).rejects.toMatchObject({
      code: 'INVALID_EVENT',
      problems: expect.arrayContaining([expect.objectContaining({ path })]),
    });
    expect(await wholeLog(store)).toEqual([]);
  });

  it('refuses a stream without an owner, and an append without events', async () => {
    await expect(current().append('nobody-1' as typeof stream, [note('a')], 'any')).rejects.toThrow(
      'no known category',
    );
    await expect(current().append(stream, [], 'any')).rejects.toThrow('without events');
  });

  it('gives back what was appended, with revision, position and hash', async () => {
    const store = current();
    const event = {
      ...note('a'),
      data: {
        text: 'Grüße 😀 \u0000 \u2028 "\\"',
        more: { z: [1, -0.5, 1e21, null, true], a: { '': '' }, 7: 'seven' },
      },
    };
    const result = await store.append(stream, [event], 'no_stream');
    const [recorded] = await wholeStream(store, stream);
    expect(recorded).toEqual({
      ...event,
      stream,
      revision: 0,
      position: result.position,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await store.head()).toBe(result.position);
    expect(firstRegistry.validate('run', event.type, event.version, recorded?.data).valid).toBe(true);
  });

  it('does not notice what the appender does to its event afterwards', async () => {
    const store = current();
    const data = { text: 'before' };
    const appended = store.append(stream, [{ ...note('a'), data }], 'no_stream');
    data.text = 'after';
    await appended;
    expect(await wholeStream(store, stream)).toMatchObject([{ data: { text: 'before' } }]);
  });

  it('holds a big event', async () => {
    const store = current();
    const text = 'äöü€'.repeat(1_000_000);
    await store.append(stream, [note('small'), note('big', text), note('after')], 'no_stream');
    expect(
      (await wholeStream(store, stream)).map(({ data }) => (data as { text: string }).text.length),
    ).toEqual([13, 4_000_000, 13]);
  });
};
