import type { ApiDocument, Parameter, Route } from './document.ts';
import type { Belongings } from './tenant.ts';

export interface Request {
  /** With its query. */
  readonly path: string;
  readonly body: unknown;
}

/** Of which kind a path's ids are, by the collection they stand in. */
const kinds = {
  projects: 'project',
  runs: 'run',
  compare: 'run',
  'code-difference': 'run',
  tasks: 'task',
  agents: 'agent',
  approvals: 'approval',
  artifacts: 'artifact',
  nodes: 'node',
  webhooks: 'webhook',
  deliveries: 'delivery',
  'api-keys': 'key',
  organizations: 'organization',
  members: 'member',
  subjects: 'subject',
  workflows: 'workflow',
} as const satisfies Readonly<Record<string, keyof Belongings>>;

/** What names something of somebody in a query or a body. */
const named = {
  projectId: 'project',
  runId: 'run',
  taskId: 'task',
  agentId: 'agent',
  start: 'node',
} as const satisfies Readonly<Record<string, keyof Belongings>>;

/** Of which kind the id is that a parameter of the path names; null for what is nobody's, as a read model is. */
export const kindOf = (route: Route, name: string): keyof Belongings | null => {
  const parts = route.path.split('/');
  const collection = parts[parts.indexOf(`{${name}}`) - 1] ?? '';
  return Object.hasOwn(kinds, collection) ? kinds[collection as keyof typeof kinds] : null;
};

export const kindNamedBy = (name: string): keyof Belongings | null =>
  Object.hasOwn(named, name) ? named[name as keyof typeof named] : null;

const queryOf = (values: readonly (readonly [string, unknown])[]): string =>
  values.length === 0
    ? ''
    : `?${new URLSearchParams(values.map(([name, value]): [string, string] => [name, String(value)]))}`;

export const pathOf = (
  route: Route,
  ids: (parameter: Parameter) => string,
  query: readonly (readonly [string, unknown])[] = [],
): string => {
  const parameters = route.parameters.filter((one) => one.in === 'path');
  const path = parameters.reduce(
    (text, one) => text.replace(`{${one.name}}`, encodeURIComponent(ids(one))),
    route.path,
  );
  return `${path}${queryOf(query)}`;
};

/** What the document's examples call what we have, the longest names first: a task's begins with its run's. */
const translations = (
  { routes }: ApiDocument,
  has: Belongings,
  positions: { readonly earlier: string; readonly now: string },
): readonly (readonly [string, string])[] => {
  const found = new Map<string, string>();
  for (const route of routes)
    for (const { name, example, in: place } of route.parameters) {
      const kind = place === 'path' ? kindOf(route, name) : kindNamedBy(name);
      if (kind !== null && typeof example === 'string') found.set(example, has[kind]);
    }
  found.set('0000000000000412', positions.earlier).set('0000000000000977', positions.now);
  return [...found].sort(([left], [right]) => right.length - left.length);
};

/** Requests as the document's examples have them, about what is really there. */
export const exampleRequests = (
  document: ApiDocument,
  has: Belongings,
  positions: { readonly earlier: string; readonly now: string },
): ((route: Route) => Request) => {
  const all = translations(document, has, positions);
  const real = (value: unknown): unknown => {
    if (value === undefined) return undefined;
    let text = JSON.stringify(value);
    for (const [example, ours] of all) text = text.replaceAll(example, ours);
    return JSON.parse(text);
  };
  return (route) => {
    const query = route.parameters
      .filter((one) => one.in === 'query' && one.example !== undefined)
      .map((one) => [one.name, real(one.example)] as const);
    const idOf = ({ name, example }: Parameter): string => {
      const kind = kindOf(route, name);
      return String(kind === null ? (example ?? '1') : has[kind]);
    };
    return { path: pathOf(route, idOf, query), body: real(route.body?.example) };
  };
};
