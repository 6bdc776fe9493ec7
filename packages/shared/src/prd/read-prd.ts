import type { Root } from 'mdast';
import type { Priority } from './identifiers.ts';
import { inlineText } from './inline-text.ts';
import { parseMarkdown } from './markdown.ts';
import { type Finding, type Section, sectionsOf } from './section-tree.ts';
import { kindOfHeading, kindOfSection, priorityOfHeadings, type SectionKind } from './sections.ts';
import { statementsOfSection } from './statements.ts';

export interface PrdStatement {
  readonly text: string;
  /** 1-based line of the PRD. */
  readonly line: number;
  /** The PRD's own id: its own, or that of the heading it stands under. */
  readonly sourceId: string | null;
  /** Headings it stands under, outermost first, without the document's title. */
  readonly headings: readonly string[];
  readonly kind: 'functional' | 'quality' | 'constraint';
  readonly priority: Priority;
}

export interface PrdQuestion {
  readonly text: string;
  readonly line: number;
}

export interface ReadPrd {
  readonly title: string;
  /** White-space separated. */
  readonly words: number;
  /** The first sentences that say what it is about; empty when nothing does. */
  readonly summary: string;
  readonly statements: readonly PrdStatement[];
  /** What the PRD itself leaves open. */
  readonly questions: readonly PrdQuestion[];
  /** What the PRD itself fears. */
  readonly risks: readonly string[];
}

/** A statement for which there is no room in one line of a plan is cut; the line leads to the whole. */
const longest = 600;

/**
 * What a PRD asks for, read from its shape: headings, lists, tables, checkboxes, ids, sentences. Never empty for a text with
 * a word in it: where nothing looks like a requirement, what is said is what is asked for.
 */
export const readPrd = (text: string): ReadPrd => {
  const { tree, frontMatterTitle } = parseMarkdown(text);
  const title = frontMatterTitle ?? titleOf(tree) ?? firstWords(text);
  const sections = classified(sectionsOf(tree));
  const read = sections.map(({ section, kind }) => ({
    section,
    kind,
    findings: statementsOfSection(section, kind),
  }));
  return {
    title,
    words: text.match(/\S+/g)?.length ?? 0,
    summary: summaryOf(tree),
    statements: statementsIn(read, sections, text),
    questions: read
      .filter(({ kind }) => kind === 'questions')
      .flatMap(({ findings }) => findings.map(({ text: asked, line }) => ({ text: asked, line }))),
    risks: read
      .filter(({ kind }) => kind === 'risks')
      .flatMap(({ findings }) => findings.map((one) => one.text)),
  };
};

/** Where no heading announces requirements, the design is what there is to go by. */
const classified = (sections: readonly Section[]): { section: Section; kind: SectionKind }[] => {
  const announced = sections.some(({ path }) =>
    path.some((heading) => kindOfHeading(heading) === 'functional'),
  );
  return sections.map((section) => {
    const kind = kindOfSection(section.path);
    if (kind !== 'design') return { section, kind };
    return { section, kind: announced ? 'context' : 'functional' };
  });
};

interface ReadSection {
  readonly section: Section;
  readonly kind: SectionKind;
  readonly findings: readonly Finding[];
}

const statementsIn = (
  read: readonly ReadSection[],
  sections: readonly { readonly section: Section; readonly kind: SectionKind }[],
  text: string,
): PrdStatement[] => {
  const asked = read.flatMap((one) => one.findings.flatMap((finding) => toStatement(finding, one)));
  if (asked.some(({ kind }) => kind !== 'constraint')) return asked;
  // Nothing is called a requirement: then what is told is what is wanted.
  const told = sections.flatMap(({ section, kind }) => {
    if (kind !== 'context') return [];
    return statementsOfSection(section, 'functional').flatMap((finding) =>
      toStatement(finding, { section, kind: 'functional', findings: [] }),
    );
  });
  if (told.length > 0) return [...told, ...asked].sort((left, right) => left.line - right.line);
  if (asked.length > 0) return asked;
  const titles = read.flatMap(({ section }) => section.path);
  const line = Math.max(1, text.split('\n').findIndex((one) => /[\p{L}\p{N}]/u.test(one)) + 1);
  const whole = [
    ...titles,
    text
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/^[#>*\-\s]+/g, '')
      .trim(),
  ].find((one) => one !== '');
  return whole === undefined
    ? []
    : [{ text: cut(whole), line, sourceId: null, headings: [], kind: 'functional', priority: 'must' }];
};

const toStatement = (finding: Finding, { section, kind }: ReadSection): PrdStatement[] => {
  const requirement = requirementKind(kind, finding.sourceId ?? section.sourceId);
  if (requirement === null || !/[\p{L}\p{N}]/u.test(finding.text)) return [];
  return [
    {
      text: cut(kind === 'excluded' ? `Not in scope: ${finding.text}` : finding.text),
      line: finding.line,
      sourceId: finding.sourceId ?? section.sourceId,
      headings: [...section.path, ...finding.groups],
      kind: requirement,
      priority: finding.priority ?? priorityOfHeadings(section.path) ?? finding.spoken,
    },
  ];
};

const requirementKind = (kind: SectionKind, sourceId: string | null): PrdStatement['kind'] | null => {
  if (/^NFR/i.test(sourceId ?? '') && kind !== 'silent') return 'quality';
  switch (kind) {
    case 'functional':
    case 'data':
    case 'context':
    case 'design':
      return 'functional';
    case 'quality':
      return 'quality';
    case 'constraint':
    case 'excluded':
      return 'constraint';
    case 'questions':
    case 'risks':
    case 'silent':
      return null;
  }
};

const cut = (text: string): string => {
  const wellFormed = text.toWellFormed();
  return wellFormed.length <= longest
    ? wellFormed
    : `${wellFormed
        .slice(0, longest - 1)
        .trimEnd()
        .toWellFormed()}…`;
};

/** `Product Requirements Document` names no product, and neither does the half of a title that says so. */
const generic =
  /\s*[-–—:|(]?\s*\b(?:product requirements?(?: document)?(?: \(prd\))?|prd|requirements(?: document| specification)?|specification|spec|technical design|detailed solution design|architecture)\b\)?\s*[-–—:|]?\s*/gi;

const titleOf = (tree: Root): string | null => {
  const headings = tree.children.flatMap((node) => (node.type === 'heading' ? [node] : []));
  const first = headings[0];
  if (first === undefined) return null;
  const candidates = headings
    .filter(({ depth }) => depth === first.depth)
    .slice(0, 2)
    .map((node) => inlineText(node).text);
  const specific = candidates
    .map((one) => one.replaceAll(generic, ' ').trim())
    .find((one) => /[\p{L}\p{N}]/u.test(one));
  const title = specific ?? candidates[0] ?? '';
  return title === '' ? null : title.slice(0, 120).toWellFormed();
};

const firstWords = (text: string): string => {
  const line = text.split('\n').find((one) => /[\p{L}\p{N}]/u.test(one)) ?? 'Untitled';
  const words = line
    .slice(0, 1_000)
    .replaceAll(/^[#>*\-\s[\]x]+/g, '')
    .trim()
    .split(/\s+/);
  const short = words
    .slice(0, 8)
    .join(' ')
    .slice(0, 80)
    .replace(/[.,;:!?]+$/, '')
    .toWellFormed();
  return short === '' ? 'Untitled' : short;
};

const summaryOf = (tree: Root): string => {
  const paragraph = tree.children.find((node) => node.type === 'paragraph');
  return paragraph === undefined ? '' : cut(inlineText(paragraph).text);
};
