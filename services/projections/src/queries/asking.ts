import type { Query } from '@partitura/shared/read-models';
import { presentPage } from './present-documents.ts';
import type { Documents, Readers } from './readers.ts';

export interface Paging {
  readonly after?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

type Sort = NonNullable<Query['sort']>;
export const oldestFirst = (field: string): Sort => ({ field, direction: 'ascending' });
export const newestFirst = (field: string): Sort => ({ field, direction: 'descending' });

/** Equality in those of the fields that the caller named. */
export const wanted = <Field extends string>(
  query: { readonly [Name in Field]?: string | undefined },
  ...fields: readonly Field[]
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    fields.flatMap((field) => {
      const value = query[field];
      return value === undefined ? [] : [[field, value] as const];
    }),
  );

export interface Shown<Item> {
  readonly items: Item[];
  readonly nextCursor: string | null;
}

type Asked = Pick<Query, 'where' | 'sort' | 'between'>;

/** What can be asked of the read models in one sentence. Each waits for what the caller has seen. */
export interface Asking {
  pageOf<Name extends keyof Documents, Item>(
    name: Name,
    paging: Paging,
    query: Asked,
    present: (document: Documents[Name]) => Item,
    within?: 'one thing' | 'everything',
  ): Promise<Shown<Item>>;
  /** Of something that has to be there: an empty list must not stand for a mistyped id. */
  pageWithin<Name extends keyof Documents, Item>(
    parent: 'projects' | 'runs' | 'tasks',
    id: string,
    name: Name,
    paging: Paging,
    query: Asked,
    present: (document: Documents[Name]) => Item,
  ): Promise<Shown<Item>>;
  oneOf<Name extends keyof Documents, Item>(
    name: Name,
    input: { params: { id: string }; query: { after?: string | undefined } },
    present: (document: Documents[Name]) => Item,
  ): Promise<Item>;
}

export const asking = (readers: Readers): Asking => {
  const pages = {
    'one thing': readers.list,
    everything: <Name extends keyof Documents>(name: Name, query: Query) => presentPage(readers, name, query),
  };
  const pageOf: Asking['pageOf'] = async (
    name,
    { after, limit, cursor },
    query,
    present,
    within = 'one thing',
  ) => {
    await readers.upTo(after);
    const page = await pages[within](name, {
      ...query,
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { items: page.items.map(present), nextCursor: page.nextCursor };
  };
  return {
    pageOf,
    pageWithin: async (parent, id, name, paging, query, present) => {
      await readers.upTo(paging.after);
      await readers.one(parent, id);
      return pageOf(name, paging, query, present);
    },
    oneOf: async (name, { params: { id }, query: { after } }, present) => {
      await readers.upTo(after);
      return present(await readers.one(name, id));
    },
  };
};
