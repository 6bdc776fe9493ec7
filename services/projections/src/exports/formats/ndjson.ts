import { type Column, cellOf } from '../columns.ts';
import type { Encode } from './format.ts';

/** One row a line, its fields named as the columns are; what is not said is left out. */
export const ndjson: Encode = async function* (columns, pages) {
  for await (const rows of pages) {
    if (rows.length === 0) continue;
    yield Buffer.from(rows.map((row) => `${lineOf(columns, row)}\n`).join(''));
  }
};

const lineOf = (columns: readonly Column[], row: unknown): string => {
  const line: Record<string, unknown> = {};
  for (const column of columns) {
    const value = cellOf(row, column);
    if (value !== undefined) line[column.name] = value;
  }
  return JSON.stringify(line);
};
