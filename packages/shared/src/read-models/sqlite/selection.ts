import type { SQLInputValue } from 'node:sqlite';
import type { CollectionDefinition } from '../port.ts';
import type { Cursor, QueryPlan } from '../query-plan.ts';
import { columnOf, tableOf } from './tables.ts';

export interface Statement {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

type Condition = Statement;

/**
 * One more than the page has, to know whether there is another. What it is sorted by is in the index and in the document: selected as a
 * column, SQLite would take it out of each document again, 0.1 ms for a page of tasks. Only ranges that are put together need it.
 */
export const selectPage = (collection: CollectionDefinition, plan: QueryPlan): Statement => {
  const sort = columnOf(plan.sortField);
  const direction = plan.descending ? 'DESC' : 'ASC';
  const order = (by: string) => (sort === 'id' ? `id ${direction}` : `${by} ${direction}, id ${direction}`);
  const wanted = [
    ...plan.conditions.map(([field, values]) => anyOf(columnOf(field), values)),
    ...betweenOf(sort, plan.between),
  ];
  const limit = plan.limit + 1;
  const conditions = plan.after ? beyond(sort, plan.descending, plan.after) : [everything];
  const sorted = conditions.length > 1 ? `${sort} AS sorted, ` : '';
  const ranges = conditions.map((range) => {
    const { sql, values } = all([...wanted, ...range]);
    return {
      sql: `SELECT id, ${sorted}document FROM ${tableOf(collection)}${sql} ORDER BY ${order(sort)} LIMIT ?`,
      values: [...values, limit],
    };
  });
  const [only, ...others] = ranges;
  if (only && others.length === 0) return only;
  return {
    sql: `${ranges.map(({ sql }) => `SELECT * FROM (${sql})`).join(' UNION ALL ')} ORDER BY ${order('sorted')} LIMIT ?`,
    values: [...ranges.flatMap(({ values }) => values), limit],
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

/** No condition. */
const everything: readonly Condition[] = [];

/**
 * After the cursor in the order of the query, as ranges of the index: a page deep in a list costs what the first one does. Said in
 * one condition with OR, SQLite reads the list from its beginning: 800 ms at a depth of 50,000, instead of 0.6. Null is the smallest:
 * SQL compares nothing with it, so it is a range of its own.
 */
const beyond = (sort: string, descending: boolean, { value, id }: Cursor): readonly Condition[][] => {
  const further = descending ? '<' : '>';
  if (sort === 'id') return [[{ sql: `id ${further} ?`, values: [id] }]];
  const without: Condition = { sql: `${sort} IS NULL`, values: [] };
  if (value === null) {
    const others: Condition = { sql: `id ${further} ?`, values: [id] };
    return [[without, others], ...(descending ? [] : [[{ sql: `${sort} IS NOT NULL`, values: [] }]])];
  }
  const rest: Condition = { sql: `(${sort}, id) ${further} (?, ?)`, values: [value, id] };
  return [[rest], ...(descending ? [[without]] : [])];
};
