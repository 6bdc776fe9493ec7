import type { Root, RootContent } from 'mdast';
import { type Priority, splitIdentifier } from './identifiers.ts';
import { inlineText } from './inline-text.ts';
import { kindOfHeading } from './sections.ts';

/** A heading with the blocks right under it. */
export interface Section {
  /** Headings from the outermost to its own, without the document's title; empty before the first. */
  readonly path: readonly string[];
  /** The id its own heading, or one above it, carries. */
  readonly sourceId: string | null;
  /** 1-based line of its heading. */
  readonly line: number;
  readonly blocks: readonly RootContent[];
  /** True when no heading stands below it. */
  readonly leaf: boolean;
  /** True when the document has no heading but its title: everything in it is meant. */
  readonly whole: boolean;
}

/** What a section says, before anybody judges what it is. */
export interface Finding {
  readonly text: string;
  readonly line: number;
  readonly sourceId: string | null;
  readonly priority: Priority | null;
  /** What the sentence's own verb says, where nothing else does. */
  readonly spoken: Priority;
  /** List items and labels above it, outermost first. */
  readonly groups: readonly string[];
}

interface OpenHeading {
  readonly depth: number;
  readonly text: string;
  readonly sourceId: string | null;
}

interface OpenSection {
  headings: readonly OpenHeading[];
  line: number;
  blocks: RootContent[];
}

export const sectionsOf = (tree: Root): Section[] => {
  const titleDepth = titleDepthOf(tree);
  const open: OpenSection[] = [{ headings: [], line: 1, blocks: [] }];
  for (const node of tree.children) {
    const current = open.at(-1);
    if (node.type !== 'heading') {
      current?.blocks.push(node);
      continue;
    }
    const { text, sourceId } = splitIdentifier(withoutNumber(inlineText(node).text));
    const above = (current?.headings ?? []).filter(({ depth }) => depth < node.depth);
    const own = node.depth === titleDepth ? [] : [{ depth: node.depth, text, sourceId }];
    open.push({ headings: [...above, ...own], line: node.position?.start.line ?? 1, blocks: [] });
  }
  const whole = open.every(({ headings }) => headings.length === 0);
  return open.map(({ headings, line, blocks }, index) => ({
    path: headings.map(({ text }) => text).filter((text) => text !== ''),
    sourceId: headings.findLast((heading) => heading.sourceId !== null)?.sourceId ?? null,
    line,
    blocks,
    leaf: (open[index + 1]?.headings.length ?? 0) <= headings.length,
    whole,
  }));
};

/** `2.1 Key features`: the number is the document's, not the feature's. */
const withoutNumber = (heading: string): string =>
  heading.replace(/^\d{1,3}(?:\.\d{1,3})*[.)]?\s+(?=\S)/, '');

/** Headings that name the document group nothing. Whoever has many at the top level means sections by them. */
const titleDepthOf = (tree: Root): number => {
  const headings = tree.children.flatMap((node) => (node.type === 'heading' ? [node] : []));
  const depths = headings.map(({ depth }) => depth);
  const [first] = depths;
  if (first === undefined) return 0;
  const top = depths.filter((depth) => depth === first).length;
  if (depths.some((depth) => depth < first) || top > 2) return 0;
  if (first === 1) return first;
  const text = headings[0] === undefined ? '' : inlineText(headings[0]).text;
  return top > 1 || kindOfHeading(text) !== null ? 0 : first;
};
