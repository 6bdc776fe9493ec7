import type { SQLInputValue } from 'node:sqlite';
import type { CollectionDefinition } from '../port.ts';
import type { Cursor, QueryPlan } from '../query-plan.ts';
import { columnOf, tableOf } from './tables.ts';

export interface Statement {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

type Condition = Statement;

/** One more than the page has, to know whether there is another. */
export const selectPage = (collection: CollectionDefinition, plan: QueryPlan): Statement => {
  const sort = columnOf(plan.sortField);
  const direction = plan.descending ? 'DESC' : 'ASC';
  const order = sort === 'id' ? `id ${direction}` : `${sort} ${direction}, id ${direction}`;
  const { sql, values } = all([
    ...plan.conditions.map(([field, wanted]) => anyOf(columnOf(field), wanted)),
    ...betweenOf(sort, plan.between),
    ...(plan.after ? [beyond(sort, plan.descending, plan.after)] : []),
  ]);
  return {
    sql: `SELECT id, ${sort} AS sorted, document FROM ${tableOf(collection)}${sql} ORDER BY ${order} LIMIT ?`,
    values: [...values, plan.limit + 1],
  };
};

export const selectCount = (
  collection: CollectionDefinition,
  conditions: QueryPlan['conditions'],
): Statement => {
  const { sql, values } = all(conditions.map(([field, wanted]) => anyOf(columnOf(field), wanted)));
  return { sql: `SELECT count(*) AS count FROM ${tableOf(collection)}${sql}`, values };
};

const all = (conditions: readonly Condition[]): Statement => ({
  sql: conditions.length === 0 ? '' : ` WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`,
  values: conditions.flatMap(({ values }) => values),
});

const anyOf = (column: string, wanted: readonly (string | number | boolean | null)[]): Condition => {
  const [only] = wanted;
  // IS, not =, so that null finds what has no value.
  if (wanted.length === 1 && only !== undefined) return { sql: `${column} IS ?`, values: [asSql(only)] };
  return { sql: `${column} IN (${wanted.map(() => '?').join(', ')})`, values: wanted.map(asSql) };
};

const asSql = (value: string | number | boolean | null): SQLInputValue =>
  typeof value === 'boolean' ? Number(value) : value;

const betweenOf = (sort: string, { from, to }: QueryPlan['between']): Condition[] => [
  ...(from === undefined ? [] : [{ sql: `${sort} >= ?`, values: [from] }]),
  ...(to === undefined ? [] : [{ sql: `${sort} <= ?`, values: [to] }]),
];

/** After the cursor in the order of the query. Null is the smallest: SQL compares nothing with it, so it is named. */
const beyond = (sort: string, descending: boolean, { value, id }: Cursor): Condition => {
  const further = descending ? '<' : '>';
  if (sort === 'id') return { sql: `id ${further} ?`, values: [id] };
  if (value === null)
    return descending
      ? { sql: `(${sort} IS NULL AND id < ?)`, values: [id] }
      : { sql: `(${sort} IS NOT NULL OR id > ?)`, values: [id] };
  const smaller = descending ? ` OR ${sort} IS NULL` : '';
  return {
    sql: `(${sort} ${further} ? OR (${sort} = ? AND id ${further} ?)${smaller})`,
    values: [value, value, id],
  };
};
