import { visible } from '../screen/format-line.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** The one that is cut where the table would be wider than the terminal. */
  readonly flexible?: boolean;
}

const gap = '  ';

/** Rows in columns, with their titles. Cells may be coloured; the flexible column must not be. */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] => {
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => visible(row[index] ?? ''))));
  const total = widths.reduce((sum, one) => sum + one, 0) + gap.length * (columns.length - 1);
  const flexible = columns.findIndex((column) => column.flexible === true);
  if (flexible >= 0 && total > width)
    widths[flexible] = Math.max(8, (widths[flexible] ?? 0) - (total - width));
  return all.map((row) =>
    columns
      .map(({ align }, index) => cell(row[index] ?? '', widths[index] ?? 0, align === 'right'))
      .join(gap)
      .trimEnd(),
  );
};

const cell = (text: string, width: number, right: boolean): string => {
  const length = visible(text);
  if (length > width) return `${text.slice(0, width - 1)}…`;
  const fill = ' '.repeat(width - length);
  return right ? fill + text : text + fill;
};

/** `name   value` lines; a value that is null is left out. */
export const fields = (entries: readonly (readonly [string, string | null])[]): readonly string[] => {
  const shown = entries.filter(
    (entry): entry is readonly [string, string] => entry[1] !== null && entry[1] !== '',
  );
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
};
