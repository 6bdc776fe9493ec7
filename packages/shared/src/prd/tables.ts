import type { Table, TableRow } from 'mdast';
import { isIdentifier, type Priority, priorityOf } from './identifiers.ts';
import { inlineText } from './inline-text.ts';

export interface TableStatement {
  readonly text: string;
  readonly line: number;
  readonly sourceId: string | null;
  readonly priority: Priority | null;
}

interface Columns {
  readonly id: number;
  readonly text: number;
  readonly priority: number;
  /** Said after the text, with their headings. */
  readonly others: readonly number[];
}

const idHeading = /^(?:id|#|no\.?|nr\.?|ref(?:erence)?|key|code|req(?:uirement)? ?(?:id|no\.?|#)|story id)$/i;
const textHeading =
  /requirement|description|feature|capabilit|user stor|^story|functionality|behaviou?r|^rule|^what|^need|^goal|^criteri|^statement|summary|^title|^task|^item|^use case/i;
const priorityHeading = /^(?:prio(?:rity)?|moscow|importance|p|level)$/i;
/** Columns about the work on a requirement, not about the requirement. */
const bookkeeping =
  /^(?:status|owner|assignee|estimate|effort|points|sprint|due|date|version|author|asked by|team|done|phase)$/i;

const cellsOf = (row: TableRow): string[] => row.children.map((cell) => inlineText(cell).text);

const lineOf = (row: TableRow): number => row.position?.start.line ?? 1;

/** One statement for each row. */
export const tableStatements = (table: Table): TableStatement[] => {
  const [head, ...rows] = table.children;
  if (!head) return [];
  const body = rows.map((row) => ({ cells: cellsOf(row), line: lineOf(row) }));
  const columns = columnsOf(
    cellsOf(head),
    body.map(({ cells }) => cells),
  );
  const headings = cellsOf(head);
  return body.flatMap(({ cells, line }) => {
    const text = textOfRow(cells, headings, columns);
    if (text === '') return [];
    const id = cells[columns.id]?.trim() ?? '';
    return [
      { text, line, sourceId: id === '' ? null : id, priority: priorityOf(cells[columns.priority] ?? '') },
    ];
  });
};

/** A table of fields or of anything else that is one thing: `Name: a, b, c`. */
export const tableSummary = (table: Table, name: string): TableStatement | null => {
  const firsts = table.children.slice(1).flatMap((row) => cellsOf(row)[0] ?? []);
  const named = firsts.filter((cell) => cell !== '');
  if (named.length === 0) return null;
  const line = table.position?.start.line ?? 1;
  return { text: `${name}: ${named.join(', ')}`, line, sourceId: null, priority: null };
};

const columnsOf = (headings: readonly string[], rows: readonly (readonly string[])[]): Columns => {
  const indexes = headings.map((_, index) => index);
  const idByName = headings.findIndex((heading) => idHeading.test(heading));
  const looksLikeIds = (index: number): boolean =>
    rows.length > 0 && rows.every((cells) => isIdentifier(cells[index] ?? ''));
  const id = idByName === -1 ? indexes.findIndex(looksLikeIds) : idByName;
  const priority = headings.findIndex((heading) => priorityHeading.test(heading));
  const free = indexes.filter((index) => index !== id && index !== priority);
  const text = free.find((index) => textHeading.test(headings[index] ?? '')) ?? free[0] ?? Math.max(id, 0);
  const others = free.filter((index) => index !== text && !bookkeeping.test(headings[index] ?? ''));
  return { id: id === text ? -1 : id, text, priority, others };
};

const textOfRow = (cells: readonly string[], headings: readonly string[], columns: Columns): string => {
  const text = cells[columns.text]?.trim() ?? '';
  const others = columns.others.flatMap((index) => {
    const value = cells[index]?.trim() ?? '';
    return value === '' || value === '-' || value === '—' ? [] : [{ heading: headings[index] ?? '', value }];
  });
  if (text === '') return others.map(({ value }) => value).join('; ');
  const [only, ...more] = others;
  if (only === undefined) return text;
  if (more.length === 0) return `${text}: ${only.value}`;
  return `${text} (${others.map(({ heading, value }) => (heading === '' ? value : `${heading}: ${value}`)).join('; ')})`;
};
