import type { Document, Query, QueryValue } from '../port.ts';

type Value = string | number | boolean | null;

/** What a query has to answer, said as plainly as it can be. */
export const expectedItems = (documents: readonly Document[], query: Query): readonly Document[] => {
  const field = query.sort?.field ?? 'id';
  const found = documents.filter(
    (document) =>
      matches(document, query.where ?? {}) &&
      liesIn(document, field, query.between ?? {}) &&
      Object.entries(query.within ?? {}).every(
        ([other, bounds]) => typeof fieldOf(document, other) === 'string' && liesIn(document, other, bounds),
      ),
  );
  const ascending = found.sort(
    (left, right) => compare(fieldOf(left, field), fieldOf(right, field)) || compare(left.id, right.id),
  );
  return query.sort?.direction === 'descending' ? ascending.reverse() : ascending;
};

const liesIn = (document: Document, field: string, { from, to }: NonNullable<Query['between']>): boolean =>
  (from === undefined || compare(fieldOf(document, field), from) >= 0) &&
  (to === undefined || (fieldOf(document, field) !== null && compare(fieldOf(document, field), to) <= 0));

const fieldOf = (document: Document, field: string): Value => {
  const value: unknown = Reflect.get(document, field);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
};

const matches = (document: Document, where: NonNullable<Query['where']>): boolean =>
  Object.entries(where).every(([field, wanted]) => {
    const any: readonly QueryValue[] = Array.isArray(wanted) ? wanted : [wanted as QueryValue];
    return any.includes(fieldOf(document, field));
  });

/** Null, then numbers, then text by its bytes. */
const rank = (value: Value): number => {
  if (value === null) return 0;
  return typeof value === 'string' ? 2 : 1;
};

const compare = (left: Value, right: Value): number => {
  if (rank(left) !== rank(right)) return rank(left) - rank(right);
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  return Number(left) - Number(right);
};
