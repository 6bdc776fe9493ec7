import type { Requirement, TaskDefinition } from '../../planning/index.ts';
import type { ReplanAnswer } from '../../prompts/answers.ts';
import { featuresOf } from './features.ts';
import { headingsOf } from './headings.ts';
import type { Material } from './material.ts';
import { short } from './naming.ts';
import { build, placing, type Work } from './tasks-answer.ts';

type NewTask = ReplanAnswer['tasks'][number];

const mostFeatures = 12;

/** Of a dropped task the same task, for what is left of what it was for; and a module for what nobody serves yet. */
export const replanAnswerFor = (material: Material): ReplanAnswer => {
  const { requirements, changes, dropped, kept, prd } = material;
  const byId = new Map(requirements.map((one) => [one.id, one]));
  const again = dropped.flatMap((task, index) => redone(task, `N${index + 1}`, byId));
  const served = new Set(again.flatMap(({ requirementIds }) => requirementIds));
  const asked = new Set([...(changes?.added ?? []), ...(changes?.changed ?? [])]);
  const open = requirements.filter(({ id }) => asked.has(id) && !served.has(id));
  const place = placing();
  const features = featuresOf(open, headingsOf(prd, requirements), mostFeatures);
  const roots = kept
    .filter(({ kind, dependsOn }) => kind !== 'epic' && kind !== 'story' && dependsOn.length === 0)
    .map(({ key }) => key);
  const built = features.map((feature, index) =>
    fresh(build(feature, [], place), `N${dropped.length + index + 1}`, roots),
  );
  return { tasks: [...again, ...built] };
};

/** Nothing when all that it was for was removed. */
const redone = (
  { parentKey: _, ...task }: TaskDefinition,
  key: string,
  requirements: ReadonlyMap<string, Requirement>,
): NewTask[] => {
  const requirementIds = task.requirementIds.filter((id) => requirements.has(id));
  if (task.requirementIds.length > 0 && requirementIds.length === 0) return [];
  return [
    {
      ...task,
      key,
      parentKey: null,
      replaces: [task.key],
      requirementIds,
      description: rewritten(task.description.split('\n'), requirements).join('\n'),
      acceptanceCriteria: rewritten(task.acceptanceCriteria, requirements),
    },
  ];
};

const named =
  /^(?<lead>- )?(?<id>R\d+)(?<between>(?: \(.*\))?, line )?(?<line>\d+)?(?<rest>: | is shown by a test: )/;

/** Lines that speak of a requirement say what it says now; those of one that was removed are gone. */
const rewritten = (lines: readonly string[], requirements: ReadonlyMap<string, Requirement>): string[] =>
  lines.flatMap((line) => {
    const found = named.exec(line)?.groups;
    if (!found) return [line];
    const { lead = '', id = '', between = '', rest = '' } = found;
    const requirement = requirements.get(id);
    if (!requirement) return [];
    const { text, line: at } = requirement;
    return [
      `${lead}${id}${between}${between === '' ? '' : at}${rest}${short(text, lead === '' ? 140 : 300)}`,
    ];
  });

const fresh = (work: Work, key: string, dependsOn: readonly string[]): NewTask => ({
  key,
  parentKey: null,
  kind: 'task',
  title: short(work.title, 200),
  description: work.description,
  agentType: work.agentType,
  priority: work.priority,
  complexity: work.complexity,
  estimatedTokens: 6_000 + work.complexity * 5_000,
  dependsOn: [...dependsOn],
  acceptanceCriteria: [...work.criteria],
  requirementIds: [...work.requirementIds],
  replaces: [],
});
