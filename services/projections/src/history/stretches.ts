import type { Page, Query } from '@partitura/shared/read-models';
import { PartituraError } from '@partitura/shared/runtime';
import type { Readers } from '../queries/readers.ts';
import type { HistoryDocument } from './history.ts';

/** A piece of the log that is part of a history: one, or, of a fork, one for each run it comes from. */
export type Stretch = Omit<Query, 'limit' | 'cursor'>;

interface Asked {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const separator = '~';

/** @throws {PartituraError} `BAD_CURSOR` */
const placeIn = (cursor: string | undefined): { at: number; inner: string } => {
  if (cursor === undefined) return { at: 0, inner: '' };
  const [, at, inner] = /^(\d{1,3})~(.*)$/s.exec(cursor) ?? [];
  if (at !== undefined && inner !== undefined) return { at: Number(at), inner };
  throw new PartituraError('BAD_CURSOR', 'The cursor is not one that this very query gave out.');
};

/** One page of what stands in several stretches, one after the other. */
export const pageOfStretches = async (
  { list }: Pick<Readers, 'list'>,
  stretches: readonly Stretch[],
  { limit, cursor }: Asked,
): Promise<Page<HistoryDocument>> => {
  const items: HistoryDocument[] = [];
  let { at, inner } = placeIn(cursor);
  for (let stretch = stretches[at]; stretch && items.length < limit; stretch = stretches[at]) {
    const page = await list('history', {
      ...stretch,
      limit: limit - items.length,
      ...(inner === '' ? {} : { cursor: inner }),
    });
    items.push(...page.items);
    if (page.nextCursor !== null) return { items, nextCursor: `${at}${separator}${page.nextCursor}` };
    at += 1;
    inner = '';
  }
  return { items, nextCursor: at < stretches.length ? `${at}${separator}` : null };
};
