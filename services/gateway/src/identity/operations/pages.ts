import { PartituraError } from '@partitura/shared/runtime';

interface Paging {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface PageOf<Item> {
  readonly items: Item[];
  readonly nextCursor: string | null;
}

/**
 * A page of what is in memory, after the one that the cursor names. The order has to be total and that of the keys, so that a page
 * goes on at the right place also when the item it names is gone.
 * @throws {PartituraError} `BAD_CURSOR`
 */
export const pageFrom = <Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { limit, cursor }: Paging,
): PageOf<Item> => {
  const sorted = items
    .map((item) => [keyOf(item), item] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const after = cursor === undefined ? null : readCursor(cursor);
  const rest = after === null ? sorted : sorted.filter(([key]) => key > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1)?.[0];
  return {
    items: page.map(([, item]) => item),
    nextCursor: last === undefined || rest.length <= limit ? null : writeCursor(last),
  };
};

const mark = 'k:';
const writeCursor = (key: string): string => Buffer.from(`${mark}${key}`).toString('base64url');
const readCursor = (cursor: string): string => {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (text.startsWith(mark) && writeCursor(text.slice(mark.length)) === cursor)
    return text.slice(mark.length);
  throw new PartituraError('BAD_CURSOR', 'That is no cursor of this list.', {
    advice: 'Leave the cursor out to begin with the first page.',
  });
};
