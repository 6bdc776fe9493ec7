import { type Priority, priorityOf } from './identifiers.ts';

/**
 * What the statements under a heading are.
 * - `functional`, `quality`, `constraint`: requirements of that kind
 * - `excluded`: what is out of scope, which binds like a constraint
 * - `data`: what is stored; fields are not requirements of their own
 * - `context`: told for understanding; only what says “must” asks for something
 * - `design`: how it is built; the requirements of a document that states no others, background in one that does
 * - `questions`: what is open
 * - `risks`: what may go wrong
 * - `silent`: nothing for anybody who builds
 */
export type SectionKind =
  | 'functional'
  | 'quality'
  | 'constraint'
  | 'excluded'
  | 'data'
  | 'context'
  | 'design'
  | 'questions'
  | 'risks'
  | 'silent';

/** The first that fits counts, so the special stands before the general. */
const kinds: readonly (readonly [RegExp, SectionKind])[] = [
  [/goals?\s*(?:&|and|\/|,)\s*non|in[- ]scope.*out[- ]of|^scope/, 'context'],
  [
    /\b(?:table of )?contents\b|^toc$|glossary|definitions? of terms|terminology|abbreviations|acronyms|references?$|further reading|bibliography|change ?log|revision history|version history|document (?:history|control|information)|approvals?$|sign[- ]?off|acknowledge?ments|appendix|appendices|stakeholders|contacts?$/,
    'silent',
  ],
  [
    /open (?:questions?|issues?|points?)|questions? to (?:answer|clarify)|unresolved|to be (?:decided|clarified)|^questions?$/,
    'questions',
  ],
  [
    /out[- ]of[- ]scope|non[- ]?goals?|not in scope|exclusions?|anti[- ]?goals|won[’']?t (?:do|have|build)|what (?:it|we) (?:is|will|do|does) not/,
    'excluded',
  ],
  [/\brisks?\b|threats?$|pain points?/, 'risks'],
  [
    /non[- ]?functional|^qualit(?:y|ies)$|quality (?:attributes?|requirements?|goals?)|\bnfrs?\b|service[- ]level|\bsla\b/,
    'quality',
  ],
  [
    /functional requirements|user stor(?:y|ies)|features?$|\bfeatures\b|requirements?$|use cases?|capabilit|acceptance criteria|what it (?:must|should|does|has to) do/,
    'functional',
  ],
  [
    /constraints?$|assumptions?|dependenc|tech(?:nology|nical)? ?(?:stack|constraints|choices|decisions)|^stack|stack decisions|compatibility|tooling$/,
    'constraint',
  ],
  [
    /data ?(?:model|base design|bases?$|structures?|schema)|^schema|entit(?:y|ies)|domain model|^model$|core resources|key tables|^data$/,
    'data',
  ],
  [
    /^performance|^reliability|^security|^scalability|^availability|^usability|^accessibility|^maintainability|^observability|^privacy|^compliance|^durability|^latency|^localization|^internationali[sz]ation|^portability/,
    'quality',
  ],
  [
    /summary|overview|introduction|background|vision|motivation|problem|purpose|context|objectives?$|business|market|audience|personas?|^users?$|^who (?:uses|it|is|will|needs)|for whom|target users|roles and|competit|current (?:state|design|situation)|strengths|success (?:criteria|metrics)|metrics|kpis?|roadmap|milestones?|timeline|schedule|phases?$|phasing|rollout|launch|pricing|budget|team$|resources$|next steps|conclusion|differentiators|value proposition|^about|^goals?(?: (?:and|&).*)?$|future/,
    'context',
  ],
  [
    /architecture|concepts|lifecycle|deployment|workflow|components|flows?$|state machines|control[- ]plane/,
    'design',
  ],
];

/** Context in which somebody may still have written their only list of what is wanted. */
const fallback: SectionKind = 'functional';

const plain = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/^(?:\d+(?:\.\d+)*\.?|[ivx]+\.|[a-z]\.)\s+/, '')
    .replaceAll(/[*_`:]+/g, '')
    .trim();

/** Null where the heading says nothing about what is under it. */
export const kindOfHeading = (heading: string): SectionKind | null => {
  const text = plain(heading.replace(/^(?:fr|nfr|us|req)[-_]?\d[\d.]*\s*[:.–—-]?\s*/i, ''));
  if (/^nfr/i.test(heading)) return 'quality';
  if (/^(?:fr|us|req)[-_ ]?\d/i.test(heading)) return 'functional';
  return kinds.find(([pattern]) => pattern.test(text))?.[1] ?? null;
};

/** What nobody can leave by a heading below it: an appendix' chapters are appendix too. */
const closed: ReadonlySet<SectionKind> = new Set(['silent', 'excluded', 'questions', 'risks']);
/** What a heading below it that sounds like background does not change. */
const firm: ReadonlySet<SectionKind> = new Set(['functional', 'quality', 'data', 'constraint']);
const background: ReadonlySet<SectionKind> = new Set(['context', 'design']);

/** Plans, people and figures of merit repeat the features; what they list is no requirement again. */
const aside = /roadmap|milestones?|timeline|phases?$|phasing|personas?|metrics|kpis?|success criteria/;

/** @param path headings from the outermost to the nearest */
export const kindOfSection = (path: readonly string[]): SectionKind => {
  let kind: SectionKind | null = null;
  let beside = false;
  for (const heading of path) {
    const own = kindOfHeading(heading);
    if (kind !== null && (closed.has(kind) || (kind === 'context' && beside))) return kind;
    if (own === null) continue;
    // Under “Functional requirements”, “Roadmap view” or “Budget” is a feature, “Performance” a quality.
    if (kind !== null && firm.has(kind) && background.has(own)) continue;
    kind = own;
    beside = aside.test(plain(heading));
  }
  return kind ?? fallback;
};

export const priorityOfHeadings = (path: readonly string[]): Priority | null => {
  for (const heading of path.toReversed()) {
    if (!/must|should|could|won|nice to have|optional|future|later|\bp[0-4]\b|mvp/i.test(heading)) continue;
    const found = priorityOf(heading);
    if (found !== null) return found;
  }
  return null;
};
