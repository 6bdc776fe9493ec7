import { createHash } from 'node:crypto';
import { QueryError } from './errors.ts';
import type { CollectionDefinition, Query } from './port.ts';

export const largestPage = 500;

/** What the page before ended with. */
export interface Cursor {
  /** Of the field it is sorted by; null as well when it is sorted by id. */
  readonly value: string | number | null;
  readonly id: string;
}

export interface Bounds {
  readonly from?: string;
  readonly to?: string;
}

/** A query that an index serves. */
export interface QueryPlan {
  readonly conditions: readonly (readonly [
    field: string,
    values: readonly (string | number | boolean | null)[],
  ])[];
  /** `id` when nothing else was asked for. */
  readonly sortField: string;
  readonly descending: boolean;
  readonly between: Bounds;
  readonly within: readonly (readonly [field: string, bounds: Bounds])[];
  readonly limit: number;
  readonly after: Cursor | null;
  /** Says which query a cursor belongs to. */
  readonly fingerprint: string;
}

/**
 * Looks for the index that serves a query. Both engines ask here, so that what is refused by one is refused by the other.
 * @throws {QueryError} `UNKNOWN_INDEX`, `BAD_CURSOR`, `BAD_LIMIT`
 */
export const planQuery = (collection: CollectionDefinition, query: Query): QueryPlan => {
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > largestPage)
    throw new QueryError('BAD_LIMIT', `A page has 1 to ${largestPage} documents, not ${query.limit}.`);
  const sortField = query.sort?.field ?? 'id';
  const conditions = conditionsOf(query.where);
  const within = Object.entries(query.within ?? {});
  refuseUnserved(
    collection,
    conditions.map(([field]) => field),
    sortField,
    within.map(([field]) => field),
  );
  const descending = query.sort?.direction === 'descending';
  const between = query.between ?? {};
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([collection.name, conditions, sortField, descending, between, within]))
    .digest('base64url')
    .slice(0, 12);
  const after = query.cursor === undefined ? null : readCursor(query.cursor, fingerprint);
  return { conditions, sortField, descending, between, within, limit: query.limit, after, fingerprint };
};

/** @throws {QueryError} `UNKNOWN_INDEX` */
export const planCount = (
  collection: CollectionDefinition,
  where: Query['where'],
): QueryPlan['conditions'] => {
  const conditions = conditionsOf(where);
  refuseUnserved(
    collection,
    conditions.map(([field]) => field),
    'id',
  );
  return conditions;
};

const conditionsOf = (where: Query['where'] = {}): QueryPlan['conditions'] =>
  Object.entries(where)
    .map(([field, value]) => [field, Array.isArray(value) ? value : [value]] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1));

/** With the id in its place, wherever that was said. */
export const wholeIndex = (index: readonly string[]): readonly string[] =>
  index.includes('id') ? index : [...index, 'id'];

const refuseUnserved = (
  collection: CollectionDefinition,
  fields: readonly string[],
  sortField: string,
  within: readonly string[] = [],
): void => {
  if (fields.length === 0 && within.length === 0 && sortField === 'id') return;
  const served = collection.indexes.some((index) => {
    const leading = index.slice(0, fields.length);
    const asked = within.length === 0 && fields.every((field) => leading.includes(field));
    if (asked && (sortField === 'id' || index[fields.length] === sortField)) return true;
    return sortField === 'id' && servesById(index, fields, within);
  });
  if (served) return;
  throw new QueryError(
    'UNKNOWN_INDEX',
    `No index of ${collection.name} serves [${fields.join(', ')}] sorted by ${sortField}; it has ${collection.indexes
      .map((index) => `[${index.join(', ')}]`)
      .join(' ')}.`,
  );
};

/** All that comes before the id is asked for, and what else is asked for stands behind it. */
const servesById = (
  index: readonly string[],
  fields: readonly string[],
  within: readonly string[],
): boolean => {
  const at = index.indexOf('id');
  if (at < 0) return false;
  const leading = index.slice(0, at);
  const behind = index.slice(at + 1);
  const others = fields.filter((field) => !leading.includes(field));
  return (
    leading.every((field) => fields.includes(field)) &&
    [...others, ...within].every((field) => behind.includes(field))
  );
};

export const writeCursor = (fingerprint: string, { value, id }: Cursor): string =>
  Buffer.from(JSON.stringify([fingerprint, value, id])).toString('base64url');

const readCursor = (text: string, fingerprint: string): Cursor => {
  const content = parsed(Buffer.from(text, 'base64url').toString('utf8'));
  if (Array.isArray(content) && content.length === 3 && content[0] === fingerprint) {
    const [, value, id] = content as unknown[];
    const readable = value === null || typeof value === 'string' || typeof value === 'number';
    if (readable && typeof id === 'string') return { value, id };
  }
  throw new QueryError('BAD_CURSOR', 'The cursor is not one that this very query gave out.');
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
