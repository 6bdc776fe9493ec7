import type { Architecture, Requirement, Risk } from '../../planning/plan-document.ts';
import { type ReadPrd, readPrd } from '../../prd/index.ts';
import { entitiesOf } from './entities.ts';
import { featuresOf } from './features.ts';
import { headingsOf } from './headings.ts';
import type { Material } from './material.ts';
import { enumeration, short } from './naming.ts';
import { requirementsOf } from './requirements-answer.ts';
import { technologiesIn } from './technologies.ts';

const mostRisks = 8;

export const architectureAnswerFor = (material: Material): Architecture => {
  const prd = material.prd ?? '';
  const read = readPrd(prd.trim() === '' ? 'Untitled' : prd);
  const requirements = material.requirements.length > 0 ? material.requirements : requirementsOf(read);
  const technologies = technologiesIn(prd, `${material.stack}\n${material.constraints}`);
  const risks = risksOf(read, requirements);
  const document = [
    `# Architecture of ${read.title}`,
    purposeOf(read, requirements),
    ...components(prd, requirements),
    ...dataOf(requirements, read.title),
    ...qualitiesOf(requirements),
    '## Technology',
    technologies.map(({ name, purpose, reason }) => `- **${name}** (${purpose}). ${reason}`).join('\n'),
    ...boundaries(requirements),
    '## Risks',
    risks.map(({ title, mitigation }) => `- ${title} ${mitigation}`).join('\n'),
    '## What a rehearsal builds of it',
    'A skeleton without dependencies: one module for each piece of work, a test beside it, and a line back to the PRD for every function. Named databases and services stand behind these modules later.',
  ];
  return { document: `${document.join('\n\n')}\n`, technologies, risks };
};

const purposeOf = ({ summary }: ReadPrd, requirements: readonly Requirement[]): string =>
  summary !== '' ? summary : short(requirements[0]?.text ?? '', 400);

const components = (prd: string, requirements: readonly Requirement[]): string[] => {
  const functional = requirements.filter(({ kind }) => kind === 'functional');
  const features = featuresOf(functional, headingsOf(prd, requirements), 12);
  const byEpic = new Map<string, string[]>();
  for (const { epic, layer, requirements: served, title } of features) {
    const name = epic ?? { logic: 'Rules', interface: 'Interface', screen: 'Screens' }[layer];
    const line = `- ${title} (${enumeration(served.map(({ id }) => id))})`;
    byEpic.set(name, [...(byEpic.get(name) ?? []), line]);
  }
  if (byEpic.size === 0) return [];
  return [
    '## Components',
    ...[...byEpic].map(([name, rows]) => `### ${short(name, 100)}\n\n${rows.join('\n')}`),
  ];
};

const dataOf = (requirements: readonly Requirement[], title: string): string[] => {
  const rows = entitiesOf(requirements, title, 8).map(
    ({ name, fields }) =>
      `| ${name.replaceAll('|', '\\|')} | ${fields.map((field) => `\`${field}\``).join(', ')} |`,
  );
  return ['## Data', ['| Record | Fields besides `id` |', '|---|---|', ...rows].join('\n')];
};

const qualitiesOf = (requirements: readonly Requirement[]): string[] => {
  const rows = requirements
    .filter(({ kind }) => kind === 'quality')
    .map(({ id, text }) => `- ${id}: ${short(text, 200)}`);
  return rows.length === 0 ? [] : ['## What has to hold', rows.join('\n')];
};

const boundaries = (requirements: readonly Requirement[]): string[] => {
  const rows = requirements
    .filter(({ kind }) => kind === 'constraint')
    .map(({ id, text }) => `- ${id}: ${short(text, 200)}`);
  return rows.length === 0 ? [] : ['## Boundaries', rows.join('\n')];
};

const dangers: readonly (readonly [RegExp, Omit<Risk, 'title'>, string])[] = [
  [
    /third[- ]party|external|integrat|webhook|provider|payment|stripe|oauth|slack|github/i,
    {
      likelihood: 'medium',
      impact: 'medium',
      mitigation: 'Each stands behind one module, with time-outs and a test against a stand-in.',
    },
    'depends on services outside.',
  ],
  [
    /password|personal|privacy|gdpr|login|sign[- ]?in|authent|payment|token|secret/i,
    {
      likelihood: 'medium',
      impact: 'high',
      mitigation:
        'Only hashes are stored, access is checked in one place, and a security review comes before release.',
    },
    'handles what others must not see.',
  ],
  [
    /concurren|real[- ]time|parallel|simultaneous|race/i,
    {
      likelihood: 'medium',
      impact: 'high',
      mitigation: 'State changes in one place only, and races are tested first.',
    },
    'has several things happen at once.',
  ],
  [
    /\b\d+ ?ms\b|per second|latenc|throughput|scal|million|99\.9/i,
    {
      likelihood: 'medium',
      impact: 'medium',
      mitigation: 'Measured from the first version on, with the figure of the PRD as the test.',
    },
    'promises a figure.',
  ],
];

const risksOf = (read: ReadPrd, requirements: readonly Requirement[]): Risk[] => {
  const own = read.risks.map(
    (title): Risk => ({
      title: short(title, 160),
      likelihood: 'medium',
      impact: 'medium',
      mitigation: 'Named in the PRD; looked at again in the review.',
    }),
  );
  const derived = dangers.flatMap(([pattern, rating, reason]): Risk[] => {
    const ids = requirements
      .filter(({ text, kind }) => kind !== 'constraint' && pattern.test(text))
      .map(({ id }) => id);
    if (ids.length === 0) return [];
    const verb = ids.length === 1 ? reason : reason.replace(/^(\w+?)s\b/, '$1').replace(/^ha\b/, 'have');
    return [{ title: `${enumeration(ids.slice(0, 6))} ${verb}`, ...rating }];
  });
  const open = read.questions.length;
  const unclear: Risk = {
    title: open > 0 ? `${open} questions are open in the PRD itself.` : 'What the PRD leaves out is assumed.',
    likelihood: open > 0 ? 'high' : 'medium',
    impact: 'medium',
    mitigation: 'Each assumption is listed with its question and kept behind one module.',
  };
  return [...own.slice(0, mostRisks - derived.length - 1), ...derived, unclear].slice(0, mostRisks);
};
