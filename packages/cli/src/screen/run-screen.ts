import type { Sink } from '../output/output.ts';
import { footer } from './footer.ts';
import { formatLine } from './format-line.ts';
import type { Line } from './line.ts';
import { flushStarted } from './observe.ts';
import type { RunView } from './run-view.ts';
import type { Pen } from './symbols.ts';
import type { Terminal } from './terminal.ts';

/** Lines that stay, and on a terminal one footer below them that is drawn again. */
export interface RunScreen {
  print(lines: readonly Line[]): void;
  /** Takes the footer away; nothing is drawn after it. */
  close(): void;
}

export interface RunScreenOptions {
  readonly view: RunView;
  readonly terminal: Terminal;
  readonly pen: Pen;
  readonly sink: Sink;
  readonly quiet: boolean;
}

const redrawMs = 100;
const clearLine = '\r\u001b[2K';

/** Lines are only ever added; only the footer is drawn again, ten times a second at the most. */
export const openRunScreen = ({ view, terminal, pen, sink, quiet }: RunScreenOptions): RunScreen => {
  let drawn = '';
  const startedAt = (): number => view.startedAt ?? view.now;

  const write = (rows: readonly string[], below: string): void => {
    const clear = drawn === '' ? '' : clearLine;
    const text = `${clear}${rows.map((row) => `${row}\n`).join('')}${below}`;
    if (text !== '') sink.write(text);
    drawn = below;
  };
  const below = (): string => (terminal.interactive ? footer(view, Date.now(), terminal.width(), pen) : '');
  const rowsOf = (lines: readonly Line[]): readonly string[] =>
    lines.flatMap((line) => formatLine(line, startedAt(), terminal.width(), pen));

  const tick = (): void => {
    const rows = rowsOf(flushStarted(view));
    const next = below();
    if (rows.length > 0 || next !== drawn) write(rows, next);
  };
  const timer = quiet ? null : setInterval(tick, redrawMs);
  timer?.unref();
  return {
    print: (lines) => {
      if (!quiet && lines.length > 0) write(rowsOf(lines), drawn);
    },
    close: () => {
      if (timer === null) return;
      clearInterval(timer);
      write(rowsOf(flushStarted(view)), '');
    },
  };
};
