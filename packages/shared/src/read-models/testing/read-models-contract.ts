import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asPosition, beginning } from '../../events/index.ts';
import type { CollectionDefinition, Document, Query, ReadModels } from '../port.ts';
import { expectedItems } from './model.ts';

/** Read models, empty at first, that can be closed and opened again. */
export interface ReadModelsUnderTest {
  open(): Promise<ReadModels>;
  /** Removes them; all that were opened are closed by then. */
  remove(): Promise<void>;
}

interface Thing extends Document {
  readonly owner?: string | null;
  readonly rank?: number | null;
  readonly open?: boolean;
  readonly text?: string;
}

const things: CollectionDefinition = {
  name: 'things',
  version: 1,
  generation: 0,
  indexes: [
    ['owner'],
    ['rank'],
    ['owner', 'rank'],
    ['owner', 'open', 'rank'],
    ['open', 'rank'],
    ['open', 'id', 'text', 'owner'],
    ['open', 'owner', 'id', 'text'],
  ],
};
const at = (number: number) => asPosition(String(number).padStart(4, '0'));

/** What every engine of read models has to do. `make` gives one of its own to each test. */
export const readModelsContract = (name: string, make: () => Promise<ReadModelsUnderTest>): void => {
  describe(`read models: ${name}`, () => {
    let underTest: ReadModelsUnderTest;
    let models: ReadModels;
    beforeEach(async () => {
      underTest = await make();
      models = await underTest.open();
    });
    afterEach(async () => {
      await models.close();
      await underTest.remove();
    });

    const put = (documents: readonly Thing[], from = beginning, to = at(1), collection = things) =>
      models.write('p', [{ collection, puts: documents, deletes: [] }], { from, to });
    const idsOf = async (query: Query, collection = things) =>
      (await models.find(collection, query)).items.map(({ id }) => id);
    const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => null,
        (error: unknown) => (error instanceof Error ? Reflect.get(error, 'code') : error),
      );

    describe('writing', () => {
      it('begins at the beginning', async () => {
        expect(await models.checkpoint('p')).toBe(beginning);
      });

      it('keeps documents and checkpoint over a restart', async () => {
        await put([{ id: 'a', text: 'ä "quoted" \n \u0000 😀' }]);
        await models.close();
        models = await underTest.open();
        expect(await models.checkpoint('p')).toBe(at(1));
        expect(await models.getMany(things, ['a'])).toEqual([{ id: 'a', text: 'ä "quoted" \n \u0000 😀' }]);
      });

      it('refuses a checkpoint that another instance moved, and writes nothing', async () => {
        await put([{ id: 'a', rank: 1 }]);
        expect(await codeOf(put([{ id: 'a', rank: 2 }], beginning, at(2)))).toBe('CHECKPOINT_MOVED');
        expect(await models.getMany(things, ['a'])).toEqual([{ id: 'a', rank: 1 }]);
        expect(await models.checkpoint('p')).toBe(at(1));
      });

      it('lets exactly one of two racing instances through', async () => {
        const codes = await Promise.all(['a', 'b', 'c'].map((id) => codeOf(put([{ id }]))));
        expect(codes.filter((code) => code === null)).toHaveLength(1);
        expect(codes.filter((code) => code === 'CHECKPOINT_MOVED')).toHaveLength(2);
        expect(await models.count(things)).toBe(1);
      });

      it('keeps the checkpoints of projections apart', async () => {
        await put([{ id: 'a' }]);
        expect(await models.checkpoint('q')).toBe(beginning);
      });

      it('replaces whole documents and deletes', async () => {
        await put([
          { id: 'a', owner: 'x', rank: 1 },
          { id: 'b', owner: 'x' },
        ]);
        await models.write('p', [{ collection: things, puts: [{ id: 'a' }], deletes: ['b', 'never'] }], {
          from: at(1),
          to: at(2),
        });
        expect(await models.getMany(things, ['b', 'a', 'c'])).toEqual([undefined, { id: 'a' }, undefined]);
        expect(await idsOf({ where: { owner: 'x' }, limit: 10 })).toEqual([]);
      });

      it('ends with what the last batch said of each document, each batch taken once however often it comes', async () => {
        const batch = fc.record({
          puts: fc.uniqueArray(thing, { selector: ({ id }) => id }),
          deletes: fc.subarray(['a', 'b', 'c']),
        });
        await fc.assert(
          fc.asyncProperty(fc.array(batch, { maxLength: 6 }), async (batches) => {
            await models.drop('p', [things]);
            for (const [index, { puts, deletes }] of batches.entries()) {
              const step = { from: index === 0 ? beginning : at(index), to: at(index + 1) };
              const once = () => models.write('p', [{ collection: things, puts, deletes }], step);
              await once();
              expect(await codeOf(once())).toBe('CHECKPOINT_MOVED');
            }
            const { items } = await models.find(things, { limit: 500 });
            expect(items).toEqual(expectedItems(lastSaid(batches), { limit: 500 }));
          }),
          { numRuns: 30 },
        );
      });
    });

    describe('finding', () => {
      it('answers every served query as the model does, page by page', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.uniqueArray(thing, { selector: ({ id }) => id, maxLength: 25 }),
            fc.constantFrom(...served),
            fc.integer({ min: 1, max: 7 }),
            async (documents, query, limit) => {
              await models.drop('p', [things]);
              await put(documents);
              const pages = await readPages(models, query, limit);
              expect(pages.flat()).toEqual(expectedItems(documents, { ...query, limit }));
              expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
            },
          ),
          { numRuns: 150 },
        );
      });

      it('goes on where a page ended, whatever came and went meanwhile', async () => {
        await put(['b', 'd', 'f', 'h'].map((id) => ({ id, rank: 1 })));
        const query: Query = { sort: { field: 'rank', direction: 'ascending' }, limit: 2 };
        const { nextCursor } = await models.find(things, query);
        await models.write(
          'p',
          [
            {
              collection: things,
              puts: ['a', 'g'].map((id) => ({ id, rank: 1 })),
              deletes: ['d'],
            },
          ],
          {
            from: at(1),
            to: at(2),
          },
        );
        expect(await idsOf({ ...query, cursor: nextCursor ?? '', limit: 9 })).toEqual(['f', 'g', 'h']);
      });

      it('takes a cursor over to another build of the collection', async () => {
        const next = { ...things, generation: 1 };
        await put(['a', 'b', 'c'].map((id) => ({ id })));
        await models.write('p@1', [{ collection: next, puts: [{ id: 'b' }, { id: 'c' }], deletes: [] }], {
          from: beginning,
          to: at(1),
        });
        const { nextCursor } = await models.find(things, { limit: 1 });
        expect(await idsOf({ limit: 5, cursor: nextCursor ?? '' }, next)).toEqual(['b', 'c']);
      });

      it.each<readonly [string, Query]>([
        ['a field without an index', { where: { text: 'x' }, limit: 1 }],
        ['a sort without an index', { sort: { field: 'text', direction: 'ascending' }, limit: 1 }],
        [
          'a sort that does not follow',
          { where: { rank: 1 }, sort: { field: 'owner', direction: 'ascending' }, limit: 1 },
        ],
        [
          'a stretch of what no index has',
          { where: { owner: 'x' }, within: { text: { from: 'a' } }, limit: 1 },
        ],
        [
          'a stretch of what stands behind the id, sorted by something else',
          {
            where: { open: true },
            within: { text: { from: 'a' } },
            sort: { field: 'rank', direction: 'ascending' },
            limit: 1,
          },
        ],
        [
          'fields that are not the first ones',
          { where: { owner: 'x', rank: 1, open: true, text: 'x' }, limit: 1 },
        ],
      ])('refuses %s', async (_, query) => {
        expect(await codeOf(models.find(things, query))).toBe('UNKNOWN_INDEX');
      });

      it('refuses to count by what has no index', async () => {
        expect(await codeOf(models.count(things, { text: 'x' }))).toBe('UNKNOWN_INDEX');
      });

      it.each(['', 'x', '%%%', 'bnVsbA', 'WzEsMiwzXQ'])('refuses the cursor "%s"', async (cursor) => {
        expect(await codeOf(models.find(things, { limit: 1, cursor }))).toBe('BAD_CURSOR');
      });

      it('refuses the cursor of another query', async () => {
        await put(['a', 'b', 'c'].map((id) => ({ id, owner: 'x' })));
        const { nextCursor } = await models.find(things, { where: { owner: 'x' }, limit: 1 });
        const other: Query = { where: { owner: 'y' }, limit: 1, cursor: nextCursor ?? '' };
        expect(await codeOf(models.find(things, other))).toBe('BAD_CURSOR');
      });

      it.each([0, 501, 1.5, Number.NaN])('refuses a page of %d', async (limit) => {
        expect(await codeOf(models.find(things, { limit }))).toBe('BAD_LIMIT');
      });

      it('counts', async () => {
        await put([{ id: 'a', owner: 'x' }, { id: 'b', owner: 'x' }, { id: 'c' }]);
        expect(await models.count(things)).toBe(3);
        expect(await models.count(things, { owner: 'x' })).toBe(2);
        expect(await models.count(things, { owner: ['x', 'y'] })).toBe(2);
        expect(await models.count(things, { owner: null })).toBe(1);
      });
    });

    describe('builds', () => {
      const next = { ...things, version: 2 };

      it('stand beside each other; readers are switched at once', async () => {
        await put([{ id: 'a', text: 'old' }]);
        expect(await models.activeBuild('things')).toBeNull();
        await models.activate(things);
        await models.write(
          'p@2',
          [{ collection: next, puts: [{ id: 'a', text: 'new' } as Thing], deletes: [] }],
          {
            from: beginning,
            to: at(1),
          },
        );
        expect(await models.activeBuild('things')).toEqual({ version: 1, generation: 0 });
        expect(await models.getMany(things, ['a'])).toEqual([{ id: 'a', text: 'old' }]);
        await models.activate(next);
        expect(await models.activeBuild('things')).toEqual({ version: 2, generation: 0 });
        expect(await models.getMany(next, ['a'])).toEqual([{ id: 'a', text: 'new' }]);
      });

      it('are dropped alone, with their checkpoint', async () => {
        await put([{ id: 'a' }]);
        await models.write('p@2', [{ collection: next, puts: [{ id: 'b' }], deletes: [] }], {
          from: beginning,
          to: at(1),
        });
        await models.drop('p', [things]);
        expect(await models.checkpoint('p')).toBe(beginning);
        expect(await models.count(things)).toBe(0);
        expect(await models.checkpoint('p@2')).toBe(at(1));
        expect(await idsOf({ limit: 5 }, next)).toEqual(['b']);
      });
    });
  });
};

const thing: fc.Arbitrary<Thing> = fc.record(
  {
    id: fc.oneof(
      fc.constantFrom('a', 'b', 'c', 'é', '😀', '~'),
      fc.string({ minLength: 1, maxLength: 3, unit: 'grapheme' }),
    ),
    owner: fc.constantFrom('x', 'y', 'Z', null),
    rank: fc.oneof(fc.constantFrom(null, 0, -1, 2.5), fc.integer({ min: 0, max: 3 })),
    open: fc.boolean(),
    text: fc.string({ maxLength: 5 }),
  },
  { requiredKeys: ['id'] },
);

const lastSaid = (
  batches: readonly { readonly puts: readonly Document[]; readonly deletes: readonly string[] }[],
): readonly Document[] => {
  const documents = new Map<string, Document>();
  for (const { puts, deletes } of batches) {
    for (const document of puts) documents.set(document.id, document);
    for (const id of deletes) documents.delete(id);
  }
  return [...documents.values()];
};

const up = 'ascending' as const;
const down = 'descending' as const;
const served: readonly Omit<Query, 'limit'>[] = [
  {},
  { between: { from: 'b', to: 'é' } },
  { between: { from: 'c' } },
  { sort: { field: 'id', direction: down } },
  { sort: { field: 'rank', direction: up } },
  { sort: { field: 'rank', direction: down } },
  { sort: { field: 'owner', direction: down }, between: { from: 'Z', to: 'x' } },
  { where: { owner: 'x' } },
  { where: { owner: null } },
  { where: { owner: ['x', 'Z'] } },
  { where: { owner: [] } },
  { where: { owner: 'x' }, sort: { field: 'rank', direction: up } },
  { where: { owner: ['x', 'y'] }, sort: { field: 'rank', direction: down } },
  { where: { open: true, owner: 'y' }, sort: { field: 'rank', direction: down } },
  { where: { open: false }, sort: { field: 'rank', direction: up } },
  { where: { open: true }, within: { text: { from: 'a' } } },
  { where: { open: true, owner: 'x' }, within: { text: { from: 'A', to: 'z' } } },
  { where: { open: true, owner: ['x', 'y', 'x'] }, sort: { field: 'id', direction: down } },
  { where: { open: true, owner: ['x', 'y'] }, within: { text: { to: 'f' } }, between: { from: 'b' } },
  {
    where: { open: false },
    within: { text: { from: 'a', to: 'k' } },
    sort: { field: 'id', direction: down },
  },
];

const readPages = async (
  models: ReadModels,
  query: Omit<Query, 'limit'>,
  limit: number,
): Promise<readonly (readonly Document[])[]> => {
  const pages: (readonly Document[])[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<ReadModels['find']>> = await models.find(things, {
      ...query,
      limit,
      ...(cursor === null ? {} : { cursor }),
    });
    pages.push(page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return pages;
};
