import type { List, ListItem, RootContent } from 'mdast';
import { endpointsOf, fieldsOf } from './code-blocks.ts';
import { priorityOfSentence, splitIdentifier, splitPriority } from './identifiers.ts';
import { inlineText } from './inline-text.ts';
import type { Finding, Section } from './section-tree.ts';
import type { SectionKind } from './sections.ts';
import { demands, insists, type Sentence, sentencesOf } from './sentences.ts';
import { tableStatements, tableSummary } from './tables.ts';

/** Everything a section says, in the order of the PRD. */
export const statementsOfSection = (section: Section, kind: SectionKind): Finding[] => {
  if (kind === 'silent') return [];
  const blocks = section.blocks.flatMap(unquoted);
  const listed = blocks.some(({ type }) => type === 'list' || type === 'table');
  const findings = blocks.flatMap((block) => statementsOfBlock(block, { section, kind, listed }));
  if (findings.length > 0 || blocks.length > 0 || kind !== 'functional' || !section.leaf) return findings;
  // A heading with nothing under it is all there is of what it names.
  const name = section.path.at(-1);
  return name === undefined ? [] : [finding({ text: name, line: section.line })];
};

interface Place {
  readonly section: Section;
  readonly kind: SectionKind;
  /** Lists or tables say what is asked for; the prose beside them introduces. */
  readonly listed: boolean;
}

const unquoted = (block: RootContent): RootContent[] =>
  block.type === 'blockquote' ? block.children.flatMap(unquoted) : [block];

const statementsOfBlock = (block: RootContent, place: Place): Finding[] => {
  switch (block.type) {
    case 'paragraph':
      return sentencesOf(inlineText(block))
        .filter((sentence) => isAsked(sentence, place))
        .map(finding);
    case 'list':
      return place.kind === 'context' ? insistentItems(block) : itemsOf(block, []);
    case 'table':
      return tableOf(block, place);
    case 'code':
      return codeOf(block, place);
    default:
      return [];
  }
};

const isAsked = ({ text }: Sentence, { section, kind, listed }: Place): boolean => {
  if (kind === 'context') return insists(text);
  if (kind === 'questions') return text.includes('?');
  if (text.endsWith(':') || text.endsWith('?') || isLabel(text)) return false;
  if (listed || kind === 'data') return demands(text);
  // Before the first chapter a document introduces itself, unless it has no chapters.
  if (section.path.length === 0 && !section.whole) return insists(text);
  return true;
};

/** `Owner: Kim`, `Version 1.2`, `Last updated: …`: about the document. */
const isLabel = (text: string): boolean =>
  /^(?:version \d[\d.]*\.?$|(?:version|author|owner|date|status|last updated|created|updated|revision|reviewers?|prepared by|document)\s*:)/i.test(
    text,
  );

const tableOf = (block: Extract<RootContent, { type: 'table' }>, { section, kind }: Place): Finding[] => {
  if (kind === 'context') {
    // Background tables explain, unless their rows have ids: nobody numbers an explanation.
    return tableStatements(block)
      .filter(({ sourceId }) => sourceId !== null)
      .map(finding);
  }
  if (kind === 'data') {
    const summary = tableSummary(block, section.path.at(-1) ?? 'Data');
    return summary === null ? [] : [finding(summary)];
  }
  return tableStatements(block).map(finding);
};

const codeOf = (block: Extract<RootContent, { type: 'code' }>, { section, kind }: Place): Finding[] => {
  const endpoints = endpointsOf(block);
  if (endpoints.length > 0) return endpoints.map(finding);
  if (kind !== 'data') return [];
  const fields = fieldsOf(block);
  const line = block.position?.start.line ?? section.line;
  return fields.length === 0
    ? []
    : [finding({ text: `${section.path.at(-1) ?? 'Data'}: ${fields.join(', ')}`, line })];
};

const insistentItems = (list: List): Finding[] => itemsOf(list, []).filter(({ text }) => insists(text));

const itemsOf = (list: List, groups: readonly string[]): Finding[] =>
  list.children.flatMap((item) => statementsOfItem(item, groups));

const statementsOfItem = (item: ListItem, groups: readonly string[]): Finding[] => {
  const own = item.children.flatMap((child) => (child.type === 'paragraph' ? [inlineText(child)] : []));
  const nested = item.children.flatMap((child) => (child.type === 'list' ? [child] : []));
  const tables = item.children.flatMap((child) =>
    child.type === 'table' ? tableStatements(child).map(finding) : [],
  );
  const text = own.map((inline) => inline.text).join(' ');
  const line = own[0]?.lineAt(0) ?? item.position?.start.line ?? 1;
  const label = splitPriority(splitIdentifier(text.replace(/:$/, '')).text).text;
  const below = nested.flatMap((list) => itemsOf(list, label === '' ? groups : [...groups, label]));
  const inherited = splitIdentifier(text).sourceId;
  const parts = [...below, ...tables].map((part) => ({ ...part, sourceId: part.sourceId ?? inherited }));
  // “Links:” and “Editing” above a list group it; a sentence above a list says something itself.
  const groupsOnly = parts.length > 0 && (text.endsWith(':') || text.split(/\s+/).length <= 3 || text === '');
  if (groupsOnly || text === '') return parts;
  return [{ ...finding({ text, line }), groups }, ...parts];
};

const finding = (said: {
  readonly text: string;
  readonly line: number;
  readonly sourceId?: string | null;
  readonly priority?: Finding['priority'];
}): Finding => {
  const unchecked = said.text.replace(/^\[[ xX]\]\s*/, '');
  const named = said.sourceId ? { sourceId: said.sourceId, text: unchecked } : splitIdentifier(unchecked);
  const ranked = splitPriority(named.text);
  const text = ranked.text.replaceAll(/\s+/g, ' ').trim();
  return {
    text: text === '' ? unchecked : text,
    line: said.line,
    sourceId: named.sourceId,
    priority: said.priority ?? ranked.priority,
    spoken: priorityOfSentence(text),
    groups: [],
  };
};
