import { complexities, type Requirement, type TaskDefinition } from '../../planning/index.ts';
import { readPrd } from '../../prd/index.ts';
import type { TasksAnswer } from '../../prompts/answers.ts';
import { sentenceOf } from './assignment.ts';
import { type Entity, entitiesOf } from './entities.ts';
import { type Feature, featuresOf, layers } from './features.ts';
import { headingsOf } from './headings.ts';
import type { Material } from './material.ts';
import { enumeration, onceEach, short, slug } from './naming.ts';
import { requirementsOf } from './requirements-answer.ts';

const mostFeatures = 12;
const mostEntities = 2;

/** Work as planned, before it has keys and a group. */
export interface Work {
  readonly group: readonly string[];
  readonly title: string;
  readonly description: string;
  readonly agentType: string;
  readonly priority: number;
  readonly complexity: TaskDefinition['complexity'];
  /** Indexes of earlier work. */
  readonly dependsOn: readonly number[];
  readonly criteria: readonly string[];
  readonly requirementIds: readonly string[];
}

const foundation = 'Foundation';
const whole = 'The product as a whole';

export const tasksAnswerFor = (material: Material): TasksAnswer => {
  const read = readPrd(material.prd ?? 'Untitled');
  const requirements = material.requirements.length > 0 ? material.requirements : requirementsOf(read);
  const title = material.prd === null ? (material.project?.title ?? 'Untitled') : read.title;
  const existing = material.files.length > 0;
  const work = planned({ requirements, title, existing, headings: headingsOf(material.prd, requirements) });
  return { tasks: keyed(work) };
};

interface Plan {
  readonly requirements: readonly Requirement[];
  readonly title: string;
  readonly existing: boolean;
  readonly headings: ReadonlyMap<string, readonly string[]>;
}

const planned = ({ requirements, title, existing, headings }: Plan): Work[] => {
  const place = placing();
  const functional = requirements.filter(({ kind }) => kind === 'functional');
  const quality = requirements.filter(({ kind }) => kind === 'quality');
  const constraints = requirements.filter(({ kind }) => kind === 'constraint');
  const entities = entitiesOf(requirements, title, mostEntities);
  const drawn = new Set(
    entities.flatMap(({ requirementIds, fields }) => (fields.length > 2 ? requirementIds : [])),
  );
  const features = featuresOf(
    functional.filter(({ id }) => !drawn.has(id)),
    headings,
    mostFeatures,
  );

  const work: Work[] = [scaffold(title, existing, constraints)];
  for (const entity of entities) work.push(store(entity, place));
  const firstFeature = work.length;
  for (const feature of features)
    work.push(build(feature, featureDependencies(feature, features, entities), place));
  const built = work.map((_, index) => index).slice(firstFeature);
  const ground = built.length === 0 ? work.map((_, index) => index) : built;
  for (const part of qualities(quality)) work.push(examine(part, ground, place));
  const unawaited = leaves(work);
  const ids = requirements.map(({ id }) => id);
  const served = requirements.filter(({ kind }) => kind !== 'constraint').map(({ id }) => id);
  work.push(together(unawaited, served, place));
  work.push(documents(title, unawaited, ids));
  return work;
};

/** Paths `area/name`, each given once. */
export const placing = (): ((area: string, text: string) => string) => {
  const unique = onceEach();
  return (area, text) => unique(`${slug(area, 'product', 2)}/${slug(text, 'feature', 4)}`);
};

const leaves = (work: readonly Work[]): number[] => {
  const awaited = new Set(work.flatMap(({ dependsOn }) => dependsOn));
  return work.map((_, index) => index).filter((index) => !awaited.has(index));
};

const scaffold = (title: string, existing: boolean, constraints: readonly Requirement[]): Work => ({
  group: [foundation],
  title: existing ? `Take up the repository for ${short(title, 100)}` : `Scaffold ${short(title, 120)}`,
  description: describe(sentenceOf({ kind: 'scaffold' }), constraints),
  agentType: 'eng-infra',
  priority: 0,
  complexity: 2,
  dependsOn: [],
  criteria: ["The project's test command runs and passes.", 'The README says what the product is for.'],
  requirementIds: constraints.map(({ id }) => id),
});

const store = (entity: Entity, place: ReturnType<typeof placing>): Work => {
  const module = place('data', entity.name);
  return {
    group: [foundation],
    title: `Model and store of “${short(entity.name, 60)}”`,
    description: `${sentenceOf({ kind: 'entity', module, entity: entity.name.replaceAll(/[“”]/g, ''), fields: entity.fields })}\n\nRecords that lack a field, or have one that nobody declared, are refused; what is stored cannot be changed from outside.`,
    agentType: 'eng-database',
    priority: 1,
    complexity: entity.fields.length > 6 ? 3 : 2,
    dependsOn: [0],
    criteria: [
      'A record that lacks a field is refused, shown by a test.',
      'What was created is found and listed again, shown by a test.',
    ],
    requirementIds: entity.requirementIds,
  };
};

/** Entities first; then whatever of the same epic stands in the layer below. */
const featureDependencies = (
  feature: Feature,
  features: readonly Feature[],
  entities: readonly Entity[],
): number[] => {
  const stores = entities.map((_, index) => index + 1);
  const level = layers.indexOf(feature.layer);
  const below = features.flatMap((other, index) => {
    const lower = layers.indexOf(other.layer) < level && other.epic === feature.epic;
    return lower ? [{ level: layers.indexOf(other.layer), index: index + 1 + entities.length }] : [];
  });
  const nearest = Math.max(...below.map((one) => one.level));
  const needed = below
    .filter((one) => one.level === nearest)
    .slice(0, 3)
    .map(({ index }) => index);
  return needed.length > 0 ? needed : stores;
};

const sizes = (requirements: number): TaskDefinition['complexity'] =>
  complexities.find((points) => points >= 2 && points >= requirements) ?? 13;

export const build = (
  feature: Feature,
  dependsOn: readonly number[],
  place: ReturnType<typeof placing>,
): Work => {
  const [first] = feature.requirements;
  const module = place(feature.epic ?? feature.layer, first?.text ?? feature.title);
  return {
    group: [feature.epic ?? 'Features', ...(feature.story === null ? [] : [feature.story])],
    title: feature.title,
    description: describe(sentenceOf({ kind: 'module', module }), feature.requirements),
    agentType: feature.agentType,
    priority: Math.min(
      ...feature.requirements.map(({ priority }) => ({ must: 2, should: 4, could: 6 })[priority]),
    ),
    complexity: sizes(feature.requirements.length),
    dependsOn,
    criteria: criteriaFor(feature.requirements),
    requirementIds: feature.requirements.map(({ id }) => id),
  };
};

const criteriaFor = (requirements: readonly Requirement[]): string[] => {
  const shown = requirements
    .slice(0, 6)
    .map(({ id, text }) => `${id} is shown by a test: ${short(text, 140)}`);
  const rest = requirements.slice(6).map(({ id }) => id);
  return rest.length === 0 ? shown : [...shown, `${enumeration(rest)} are each shown by a test.`];
};

interface QualityPart {
  readonly title: string;
  readonly name: string;
  readonly agentType: string;
  readonly requirements: readonly Requirement[];
}

const qualityParts: readonly (readonly [RegExp, string, string, string])[] = [
  [
    /latenc|\bms\b|second|response|throughput|concurren|perform|load|speed|fast|p9\d|scal/i,
    'Performance targets',
    'performance',
    'eng-perf',
  ],
  [
    /secur|auth|encrypt|secret|audit|privacy|gdpr|vulnerab|permission|tls|token|hash/i,
    'Security rules',
    'security',
    'ops-security',
  ],
  [/.?/, 'Quality rules', 'rules', 'eng-qa'],
];

const qualities = (requirements: readonly Requirement[]): QualityPart[] => {
  const kindOf = ({ text }: Requirement) => qualityParts.find(([pattern]) => pattern.test(text));
  return qualityParts.flatMap((part) => {
    const own = requirements.filter((requirement) => kindOf(requirement) === part);
    const [, title, name, agentType] = part;
    return own.length === 0 ? [] : [{ title, name, agentType, requirements: own }];
  });
};

const examine = (part: QualityPart, ground: readonly number[], place: ReturnType<typeof placing>): Work => ({
  group: [whole],
  title:
    part.requirements.length === 1
      ? `${part.title}: ${short(part.requirements[0]?.text ?? '', 120)}`
      : part.title,
  description: describe(
    sentenceOf({ kind: 'module', module: place('quality', part.name) }),
    part.requirements,
  ),
  agentType: part.agentType,
  priority: 5,
  complexity: sizes(Math.ceil(part.requirements.length / 2)),
  dependsOn: ground.slice(0, 3),
  criteria: criteriaFor(part.requirements),
  requirementIds: part.requirements.map(({ id }) => id),
});

const together = (
  dependsOn: readonly number[],
  requirementIds: readonly string[],
  place: ReturnType<typeof placing>,
): Work => ({
  group: [whole],
  title: 'Test all modules together',
  description: `${sentenceOf({ kind: 'whole', module: place('integration', 'whole') })}\n\nEvery module is loaded beside the others, and every requirement has to be served by one of them.`,
  agentType: 'eng-qa',
  priority: 7,
  complexity: 3,
  dependsOn,
  criteria: [
    'All modules load beside each other.',
    'Every requirement that can be built is served by a module.',
  ],
  requirementIds,
});

const documents = (title: string, dependsOn: readonly number[], requirementIds: readonly string[]): Work => ({
  group: [whole],
  title: `Document ${short(title, 100)}`,
  description: `${sentenceOf({ kind: 'documents' })}\n\nThe second leads from each line of the PRD to the module that serves it.`,
  agentType: 'prod-techwriter',
  priority: 8,
  complexity: 2,
  dependsOn,
  criteria: [
    'docs/overview.md says what there is and how to run its tests.',
    'docs/requirements.md names every requirement with its line.',
  ],
  requirementIds,
});

const describe = (sentence: string, requirements: readonly Requirement[]): string => {
  if (requirements.length === 0) return sentence;
  const rows = requirements.map(
    ({ id, sourceId, line, text }) =>
      `- ${id}${sourceId === null ? '' : ` (${short(sourceId, 80)})`}, line ${line}: ${short(text, 300)}`,
  );
  return `${sentence}\n\nServes:\n${rows.join('\n')}`;
};

interface Group {
  readonly task: TaskDefinition;
  readonly served: Set<string>;
}

/** Work with keys, in its epics and stories. */
const keyed = (work: readonly Work[]): TaskDefinition[] => {
  const groups = new Map<string, Group>();
  const groupFor = (path: readonly string[], served: readonly string[]): string | null => {
    let parentKey: string | null = null;
    for (const [depth, name] of path.entries()) {
      const id = path.slice(0, depth + 1).join('\n');
      const kind = depth === 0 ? 'epic' : 'story';
      const known: Group = groups.get(id) ?? {
        task: groupTask(kind, groups.size + 1, name, parentKey),
        served: new Set<string>(),
      };
      for (const one of served) known.served.add(one);
      groups.set(id, known);
      parentKey = known.task.key;
    }
    return parentKey;
  };
  const tasks = work.map(
    (one, index): TaskDefinition => ({
      key: `T${index + 1}`,
      parentKey: groupFor(one.group, one.requirementIds),
      kind: 'task',
      title: short(one.title, 200),
      description: one.description,
      agentType: one.agentType,
      priority: one.priority,
      complexity: one.complexity,
      estimatedTokens: 6_000 + one.complexity * 5_000,
      dependsOn: one.dependsOn.map((other) => `T${other + 1}`),
      acceptanceCriteria: [...one.criteria],
      requirementIds: [...one.requirementIds],
    }),
  );
  return [
    ...[...groups.values()].map(({ task, served }) => ({ ...task, requirementIds: [...served] })),
    ...tasks,
  ];
};

const groupTask = (
  kind: 'epic' | 'story',
  number: number,
  name: string,
  parentKey: string | null,
): TaskDefinition => ({
  key: `${kind === 'epic' ? 'E' : 'S'}${number}`,
  parentKey,
  kind,
  title: short(name, 200) || 'Features',
  description: '',
  agentType: 'prod-pm',
  priority: 3,
  complexity: 1,
  estimatedTokens: 0,
  dependsOn: [],
  acceptanceCriteria: [],
  requirementIds: [],
});
