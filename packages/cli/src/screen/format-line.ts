import { stripVTControlCharacters } from 'node:util';
import { clockTime } from './figures.ts';
import type { Line, Piece } from './line.ts';
import type { Pen } from './symbols.ts';

const gap = '   ';

/**
 * A line as it is written: the time since `startedAt`, then its pieces, as many on one row as fit in `width` columns. A single
 * piece that is longer stays whole: the terminal may wrap it, but nothing is lost.
 */
export const formatLine = (line: Line, startedAt: number, width: number, pen: Pen): readonly string[] => {
  const time = pen.paint('gray', clockTime(line.at - startedAt));
  const rows: string[] = [];
  for (const piece of line.pieces) {
    const text = formatPiece(piece, pen);
    const row = rows.at(-1);
    if (row !== undefined && visible(row) + gap.length + visible(text) <= width)
      rows[rows.length - 1] = row + gap + text;
    else rows.push(`${time} ${text}`);
  }
  return rows;
};

const formatPiece = ({ mark, text }: Piece, pen: Pen): string =>
  mark === 'plain' ? pen.plain(text) : `${pen.mark(mark)} ${pen.plain(text)}`;

export const visible = (text: string): number => stripVTControlCharacters(text).length;
