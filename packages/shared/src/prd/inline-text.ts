import type { Nodes } from 'mdast';

/** Text without its markup, and the line each character of it stands on. */
export interface InlineText {
  readonly text: string;
  /** 1-based line of the PRD on which the character at the offset stands. */
  readonly lineAt: (offset: number) => number;
}

interface Piece {
  readonly text: string;
  readonly line: number;
}

/** Blocks that a paragraph cannot hold, and what is not for readers. */
const silent: ReadonlySet<string> = new Set([
  'list',
  'code',
  'table',
  'html',
  'footnoteDefinition',
  'definition',
]);

export const inlineText = (node: Nodes): InlineText => {
  const pieces: Piece[] = [];
  collect(node, node.position?.start.line ?? 1, pieces);
  const raw = pieces.map(({ text }) => text).join('');
  const lead = raw.length - raw.trimStart().length;
  return {
    text: raw.trim().replaceAll(/[\t\n\r]/g, ' '),
    lineAt: (offset) => lineIn(pieces, offset + lead),
  };
};

/** Runs of spaces say nothing, and half a million of them keep a pattern that may begin with a space busy for minutes. */
const spaceRun = /[^\S\n\r]{2,}/g;

const lineIn = (pieces: readonly Piece[], offset: number): number => {
  let left = offset;
  for (const { text, line } of pieces) {
    if (left < text.length) return line + (text.slice(0, left).match(/\n/g)?.length ?? 0);
    left -= text.length;
  }
  return pieces.at(-1)?.line ?? 1;
};

const collect = (node: Nodes, line: number, pieces: Piece[]): void => {
  const own = node.position?.start.line ?? line;
  if (silent.has(node.type)) return;
  if (node.type === 'break') pieces.push({ text: '\n', line: own });
  else if (node.type === 'image')
    pieces.push({ text: (node.alt ?? '').replaceAll(spaceRun, ' '), line: own });
  else if ('value' in node) pieces.push({ text: node.value.replaceAll(spaceRun, ' '), line: own });
  else if ('children' in node) for (const child of node.children) collect(child, own, pieces);
};
