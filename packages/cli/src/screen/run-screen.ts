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

/**
 * Lines are only ever added; only the footer is drawn again. On a terminal both are written together, ten times a second at the
 * most, so that a burst of events does not flicker; a pipe gets its lines at once.
 */
export const openRunScreen = ({ view, terminal, pen, sink, quiet }: RunScreenOptions): RunScreen => {
  let footerNow = '';
  let waiting: string[] = [];

  const write = (footerNext: string): void => {
    const rows = waiting.map((row) => `${row}\n`).join('');
    waiting = [];
    if (rows === '' && footerNext === footerNow) return;
    sink.write(`${footerNow === '' ? '' : clearLine}${rows}${footerNext}`);
    footerNow = footerNext;
  };
  const add = (lines: readonly Line[]): void => {
    const startedAt = view.startedAt ?? view.now;
    waiting.push(...lines.flatMap((line) => formatLine(line, startedAt, terminal.width(), pen)));
  };
  const tick = (): void => {
    add(flushStarted(view));
    write(terminal.interactive ? footer(view, Date.now(), terminal.width(), pen) : '');
  };
  const timer = quiet ? null : setInterval(tick, redrawMs);
  timer?.unref();
  return {
    print: (lines) => {
      if (quiet) return;
      add(lines);
      if (!terminal.interactive) write('');
    },
    close: () => {
      clearInterval(timer ?? undefined);
      if (quiet) return;
      add(flushStarted(view));
      write('');
    },
  };
};
