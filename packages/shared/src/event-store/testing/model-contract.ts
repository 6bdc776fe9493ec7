import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EventToAppend } from '../../events/index.ts';
import type { EventStore, ExpectedRevision } from '../port.ts';
import { firstRegistry, note, streamOf, wholeLog, wholeStream } from './made-up-events.ts';
import type { MakeEventStore } from './under-test.ts';

interface Attempt {
  readonly stream: 'a' | 'b' | 'c';
  readonly ids: readonly string[];
  readonly expected: ExpectedRevision;
}

type Step = { readonly kind: 'append'; readonly attempts: readonly Attempt[] } | { readonly kind: 'restart' };

const isAsExpected = (expected: ExpectedRevision, revision: number): boolean => {
  if (typeof expected === 'number') return expected === revision && revision >= 0;
  return { any: true, no_stream: revision < 0, stream_exists: revision >= 0 }[expected];
};

/** A log in ten lines: what every store is held against. */
const simpleLog = () => {
  const streams = new Map<string, string[]>();
  const log: string[] = [];
  const append = ({ stream, ids, expected }: Attempt): 'taken' | 'known' | 'refused' => {
    const there = streams.get(stream) ?? [];
    const from = there.indexOf(ids[0] ?? '');
    if (from >= 0 && ids.every((id, index) => there[from + index] === id)) return 'known';
    if (ids.some((id) => there.includes(id))) return 'refused';
    if (!isAsExpected(expected, there.length - 1)) return 'refused';
    streams.set(stream, [...there, ...ids]);
    log.push(...ids.map((id) => `${stream}/${id}`));
    return 'taken';
  };
  return { streams, log, append };
};

const attempt: fc.Arbitrary<Attempt> = fc.record({
  stream: fc.constantFrom('a', 'b', 'c'),
  ids: fc.uniqueArray(fc.integer({ min: 0, max: 12 }).map(String), { minLength: 1, maxLength: 4 }),
  expected: fc.oneof(
    { weight: 3, arbitrary: fc.constant('any' as const) },
    fc.constantFrom('no_stream', 'stream_exists'),
    fc.integer({ min: -1, max: 8 }),
  ),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      attempts: fc.array(attempt, { minLength: 1, maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

const outcomeOf = async (
  store: EventStore,
  { stream, ids, expected }: Attempt,
): Promise<'taken' | 'known' | 'refused'> => {
  const events: EventToAppend[] = ids.map((id) => note(id));
  try {
    const { alreadyRecorded } = await store.append(streamOf('run', stream), events, expected);
    return alreadyRecorded ? 'known' : 'taken';
  } catch (error) {
    expect(error).toMatchObject({ code: 'STREAM_REVISION_CONFLICT' });
    return 'refused';
  }
};

/** Any sequence of appends, many in one turn, with restarts between them, ends as it does in the simplest log there is. */
export const modelContract = (make: MakeEventStore): void => {
  it('does what the simplest log does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const underTest = await make();
        const model = simpleLog();
        let store: EventStore = await underTest.open(firstRegistry);
        try {
          for (const todo of steps) {
            if (todo.kind === 'restart') {
              await store.close();
              store = await underTest.open(firstRegistry);
              continue;
            }
            const outcomes = await Promise.all(todo.attempts.map((one) => outcomeOf(store, one)));
            expect(outcomes).toEqual(todo.attempts.map(model.append));
          }
          expect((await wholeLog(store)).map(({ stream, id }) => `${stream.slice(4)}/${id}`)).toEqual(
            model.log,
          );
          for (const [name, ids] of model.streams) {
            const events = await wholeStream(store, streamOf('run', name));
            expect(events.map(({ id, revision }) => [id, revision])).toEqual(
              ids.map((id, index) => [id, index]),
            );
          }
        } finally {
          await store.close();
          await underTest.remove();
        }
      }),
      { numRuns: 60 },
    );
  });
};
