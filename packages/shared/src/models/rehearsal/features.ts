import type { Requirement } from '../../planning/plan-document.ts';
import { short } from './naming.ts';
import { chunks } from './requirements-answer.ts';

/** A handful of requirements that one agent builds. */
export interface Feature {
  /** Outermost telling heading; null where the PRD has none. */
  readonly epic: string | null;
  readonly story: string | null;
  readonly title: string;
  readonly requirements: readonly Requirement[];
  readonly layer: Layer;
  readonly agentType: string;
}

/** What is built on what: each layer may need those before it. */
export const layers = ['logic', 'interface', 'screen'] as const;
export type Layer = (typeof layers)[number];

const trades: readonly (readonly [RegExp, string, Layer])[] = [
  [
    /\b(?:docker|kubernetes|helm|deploy\w*|ci\/cd|container\w*|terraform|infrastructure)\b/i,
    'ops-devops',
    'interface',
  ],
  [
    /\b(?:prometheus|grafana|observability|monitoring|tracing|health checks?|structured log\w*)\b/i,
    'ops-monitor',
    'interface',
  ],
  [/\b(?:ios|android|mobile app\w*)\b/i, 'eng-mobile', 'screen'],
  [
    /\b(?:pages?|dashboards?|screens?|buttons?|web ui|user interface|browser|kanban|views?|editor|responsive|layout)\b/i,
    'eng-frontend',
    'screen',
  ],
  [
    /\b(?:GET|POST|PUT|PATCH|DELETE) \/|\b(?:rest|api|apis|endpoint\w*|graphql|webhooks?|http|cli|command line)\b/i,
    'eng-api',
    'interface',
  ],
  [
    /\b(?:machine learning|embedding\w*|recommendation\w*|semantic search|classif\w+|predict\w*)\b/i,
    'data-ml',
    'logic',
  ],
  [/\b(?:analytics|statistics|reports?|metrics)\b/i, 'data-analytics', 'logic'],
  [
    /\b(?:sign in|log ?in|authentication|authori[sz]ation|encrypt\w*|permissions?|rbac|audit\w*)\b/i,
    'ops-security',
    'logic',
  ],
];

const tradeOf = (requirements: readonly Requirement[]): readonly [string, Layer] => {
  const votes = requirements.map(({ text }) => trades.find(([pattern]) => pattern.test(text)));
  for (const trade of trades) {
    if (votes.filter((vote) => vote === trade).length * 2 > requirements.length) return [trade[1], trade[2]];
  }
  return ['eng-backend', 'logic'];
};

/** Functional requirements cut into at most `most` features, in the order of the PRD, headings kept together. */
export const featuresOf = (
  requirements: readonly Requirement[],
  headings: ReadonlyMap<string, readonly string[]>,
  most: number,
): Feature[] => {
  const pathOf = ({ id }: Requirement): readonly string[] => headings.get(id) ?? [];
  return clustersOf(requirements, pathOf, most).flatMap((cluster) => {
    const [first] = cluster;
    if (first === undefined) return [];
    const path = pathOf(first);
    const same = cluster.every((one) => pathOf(one).join('\n') === path.join('\n'));
    const [agentType, layer] = tradeOf(cluster);
    return [
      {
        epic: path[0] ?? null,
        story: path.length > 1 && same ? (path.at(-1) ?? null) : null,
        title: titleOf(cluster, same ? path.at(-1) : path[0]),
        requirements: cluster,
        layer,
        agentType,
      },
    ];
  });
};

const titleOf = (cluster: readonly Requirement[], heading: string | undefined): string => {
  const [first, ...more] = cluster;
  const said = short((first?.text ?? '').replace(/^(?:user story:\s*)/i, '').replace(/[.;:]$/, ''), 90);
  if (more.length === 0) return said;
  const rest = `${said} and ${more.length} more`;
  return heading === undefined || said.startsWith(heading) ? rest : `${short(heading, 60)}: ${rest}`;
};

const clustersOf = (
  requirements: readonly Requirement[],
  pathOf: (requirement: Requirement) => readonly string[],
  most: number,
): Requirement[][] => {
  if (requirements.length <= most) return requirements.map((one) => [one]);
  for (const depth of [9, 2, 1]) {
    const groups = new Map<string, Requirement[]>();
    for (const requirement of requirements) {
      const key = pathOf(requirement).slice(0, depth).join('\n');
      groups.set(key, [...(groups.get(key) ?? []), requirement]);
    }
    if (groups.size > most) continue;
    const room = most - groups.size;
    const spare = Math.max(1, requirements.length - groups.size);
    return [...groups.values()].flatMap((group) =>
      chunks(group, Math.min(group.length, 1 + Math.floor(((group.length - 1) * room) / spare))),
    );
  }
  return chunks(requirements, most);
};
