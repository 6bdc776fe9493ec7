import { describe, expect, it } from '@jest/globals';
import { recorded, runStory } from '@partitura/shared/http/testing';
import fc from 'fast-check';
import { projections } from '../projections.ts';
import { foldInBatches } from '../testing/fold.ts';
import { knownStory } from '../testing/past-stories.ts';
import { foldEvents, nothingStored } from './fold-events.ts';
import { defineProjection, type Projected, type Projection } from './projection.ts';

const story = recorded([
  ...runStory({ tasks: 4, deadLetter: true }),
  ...runStory({ projectId: 'p_2', runId: 'r_2' }),
  ...knownStory('p_1', 'r_1'),
]);

describe.each(projections.map((projection) => [projection.name, projection] as const))(
  '%s',
  (_, projection) => {
    it('is the same in any batches', async () => {
      const whole = await foldInBatches(projection, story);
      expect(whole.size).toBeGreaterThan(0);
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 12 }), async (sizes) => {
          expect(await foldInBatches(projection, story, sizes)).toEqual(whole);
        }),
        { numRuns: 15 },
      );
      expect(
        await foldInBatches(
          projection,
          story,
          story.map(() => 1),
        ),
      ).toEqual(whole);
    });

    it('takes an event that comes again for what it is', async () => {
      const whole = await foldInBatches(projection, story);
      const twice = [...story.slice(0, 60), ...story.slice(20, 80), ...story.slice(5)];
      expect(await foldInBatches(projection, twice, [60, 60])).toEqual(whole);
    });

    it('brings back what somebody else has folded already, as it is', async () => {
      const whole = await foldInBatches(projection, story);
      const stored = (id: string): Projected | undefined => {
        const text = whole.get(id);
        return text === undefined ? undefined : JSON.parse(text);
      };
      const { documents } = await foldEvents(projection, story, async (ids) => ids.map(stored));
      expect(new Map([...documents].map(([id, document]) => [id, JSON.stringify(document)]))).toEqual(whole);
    });

    it('ignores what it does not know', async () => {
      const unknown = story.map((event) => ({ ...event, type: 'something.else', data: null }));
      // Some keep whatever concerns them, of any type.
      const kept = projection.types === null ? new Set(unknown.flatMap(projection.keys)).size : 0;
      expect((await foldInBatches(projection, unknown)).size).toBe(kept);
    });
  },
);

describe('a fold', () => {
  interface Count extends Projected {
    readonly count: number;
  }
  const picky: Projection<Count> = defineProjection<Count>({
    name: 'picky',
    version: 1,
    indexes: [],
    keys: () => ['one'],
    begins: { 'run.created': (_, event, id) => ({ id, count: 0, position: event.position }) },
    changes: {
      'run.started': (document) => ({ ...document, count: document.count + 1 }),
      'phase.entered': () => {
        throw new Error('I do not like phases.');
      },
    },
  });

  it('leaves a document as it was when an event is poison, says which, and goes on', async () => {
    const { documents, poisoned } = await foldEvents(picky, story.slice(0, 90), nothingStored);
    expect(documents.get('one')).toMatchObject({ count: 1 });
    expect(poisoned.map(({ event }) => event.type)).toEqual(['phase.entered', 'phase.entered']);
    expect(poisoned[0]).toMatchObject({ documentId: 'one', error: new Error('I do not like phases.') });
  });

  it('reads what it touches once', async () => {
    const loads: string[][] = [];
    const load = (ids: readonly string[]) => {
      loads.push([...ids]);
      return nothingStored(ids);
    };
    await foldEvents(picky, story, load);
    expect(loads).toEqual([['one']]);
  });
});
