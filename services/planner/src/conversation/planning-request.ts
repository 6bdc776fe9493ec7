import type { Problem, RunConfiguration } from '@partitura/shared/events';
import type { ChatRequest } from '@partitura/shared/models';
import { answerSpecification, renderSections, type Section } from '@partitura/shared/prompts';
import type { Purpose } from '../phase/state.ts';
import { instructions, repairInstruction } from './instructions.ts';
import type { ReplanMaterial } from './replan-material.ts';

/** What an agent type is to a planner. */
export interface AgentSummary {
  readonly id: string;
  readonly purpose: string;
}

/** Everything that a request is made of. Texts of documents are whole: whether they fit is seen when the request is measured. */
export interface PlanningMaterial {
  readonly model: string;
  readonly prd: string;
  /** JSON. Null while there are none. */
  readonly requirements: string | null;
  readonly architecture: string | null;
  /** Only where a plan is to be changed. */
  readonly replan: ReplanMaterial | null;
  readonly configuration: Pick<RunConfiguration, 'stack' | 'constraints' | 'successCriteria'>;
  /** Paths of the files on the base branch. */
  readonly repository: readonly string[];
  readonly agents: readonly AgentSummary[];
  readonly repair: { readonly problems: readonly Problem[]; readonly previousAnswer: string } | null;
}

/** A listing is for orientation: of a large repository the first files do. */
const mostFiles = 400;

export const planningRequest = (
  purpose: Purpose,
  material: PlanningMaterial,
  maxOutputTokens: number,
): ChatRequest => ({
  model: material.model,
  system: instructions[purpose],
  messages: [{ role: 'user', content: [{ kind: 'text', text: textOf(purpose, material) }] }],
  tools: [],
  answer: answerSpecification(purpose),
  maxOutputTokens,
  temperature: null,
});

const textOf = (purpose: Purpose, material: PlanningMaterial): string => {
  const text = renderSections(sectionsFor(purpose, material));
  if (!material.repair) return text;
  // Last, so that what comes before is the same as the first time and can be read from the provider's cache.
  const { problems, previousAnswer } = material.repair;
  const repair = [
    { name: 'previous_answer', content: previousAnswer },
    { name: 'problems', content: problems.map(({ code, message }) => `- ${code}: ${message}`).join('\n') },
  ];
  return [text, repairInstruction, renderSections(repair)].join('\n\n');
};

const sectionsFor = (purpose: Purpose, material: PlanningMaterial): Section[] => {
  const { stack, constraints, successCriteria } = material.configuration;
  const sections: Section[] = [
    { name: 'prd', content: material.prd },
    { name: 'stack', content: bullets(stack) },
    { name: 'constraints', content: bullets(constraints) },
    { name: 'success_criteria', content: bullets(successCriteria) },
    { name: 'repository', content: listing(material.repository) },
  ];
  if (purpose === 'requirements') return sections;
  sections.push({ name: 'requirements', content: material.requirements ?? '[]' });
  if (purpose === 'architecture') return sections;
  sections.push(
    { name: 'architecture', content: material.architecture ?? '' },
    { name: 'agents', content: bullets(material.agents.map(({ id, purpose: what }) => `${id}: ${what}`)) },
  );
  if (purpose !== 'replan' || material.replan === null) return sections;
  const { changes, kept, dropped } = material.replan;
  return [
    ...sections,
    { name: 'changes', content: changes },
    { name: 'kept_tasks', content: kept },
    { name: 'dropped_tasks', content: dropped },
  ];
};

const bullets = (entries: readonly string[]): string => entries.map((entry) => `- ${entry}`).join('\n');

const listing = (files: readonly string[]): string =>
  files.length <= mostFiles
    ? files.join('\n')
    : [...files.slice(0, mostFiles), `… and ${files.length - mostFiles} more`].join('\n');
