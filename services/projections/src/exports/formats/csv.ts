import { type Column, cellOf, jsonText } from '../columns.ts';
import type { Encode } from './format.ts';

export interface CsvOptions {
  /** What a spreadsheet would take for a formula gets an apostrophe in front. */
  readonly escapeFormulas: boolean;
}

const formula = /^[=+\-@\t\r]/;
const needsQuotes = /[",\r\n]/;

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** RFC 4180 in UTF-8. Null is nothing at all; text that is empty is a pair of quotes. */
export const csv = ({ escapeFormulas }: CsvOptions): Encode => {
  const textCell = (text: string): string => {
    const safe = escapeFormulas && formula.test(text) ? `'${text}` : text;
    return safe === '' || needsQuotes.test(safe) ? quoted(safe) : safe;
  };
  const cell = (row: unknown, column: Column): string => {
    const value = cellOf(row, column);
    if (value === null || value === undefined) return '';
    if (column.type === 'json') return textCell(jsonText(value) ?? '');
    // Numbers and times are what they are: a minus in front of one is no formula.
    return column.type === 'string' ? textCell(String(value)) : String(value);
  };
  return async function* (columns, pages) {
    yield Buffer.from(`${columns.map(({ name }) => textCell(name)).join(',')}\r\n`);
    for await (const rows of pages) {
      if (rows.length === 0) continue;
      yield Buffer.from(
        rows.map((row) => `${columns.map((column) => cell(row, column)).join(',')}\r\n`).join(''),
      );
    }
  };
};
