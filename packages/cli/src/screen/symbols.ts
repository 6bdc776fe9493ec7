import { styleText } from 'node:util';
import type { Terminal } from './terminal.ts';

/** What a line is about. The word on the line says it too: neither symbol nor colour carries it alone. */
export type Mark = 'done' | 'working' | 'waiting' | 'attention' | 'failed' | 'plain';

type Colour = Parameters<typeof styleText>[0];

const marks: Readonly<Record<Mark, { unicode: string; ascii: string; colour: Colour | null }>> = {
  done: { unicode: '✓', ascii: '+', colour: 'green' },
  working: { unicode: '●', ascii: '*', colour: 'cyan' },
  waiting: { unicode: '○', ascii: 'o', colour: 'gray' },
  attention: { unicode: '!', ascii: '!', colour: 'yellow' },
  failed: { unicode: '✗', ascii: 'x', colour: 'red' },
  plain: { unicode: ' ', ascii: ' ', colour: null },
};

const plainer: Readonly<Record<string, string>> = {
  '→': '->',
  '≈': '~',
  '·': '-',
  '−': '-',
  '…': '...',
  '–': '-',
  '—': '-',
  '▓': '#',
  '░': '.',
  '█': '#',
  '▒': '=',
  '─': '-',
  '’': "'",
  '“': '"',
  '”': '"',
  '×': 'x',
};

/** Writes for one terminal: in colour or not, with symbols or ASCII. */
export interface Pen {
  readonly mark: (mark: Mark) => string;
  readonly paint: (colour: Colour, text: string) => string;
  /** Our own signs in a text as the terminal can show them; names and titles stay as they are. */
  readonly plain: (text: string) => string;
}

export const penOf = ({ colour, unicode }: Pick<Terminal, 'colour' | 'unicode'>): Pen => {
  const paint = (format: Colour, text: string): string =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  return {
    mark: (mark) => {
      const { colour: format, ...symbols } = marks[mark];
      const symbol = symbols[unicode ? 'unicode' : 'ascii'];
      return format === null ? symbol : paint(format, symbol);
    },
    paint,
    plain: (text) => (unicode ? text : text.replace(/[→≈·−…–—─▓░█▒’“”×]/gu, (sign) => plainer[sign] ?? sign)),
  };
};
