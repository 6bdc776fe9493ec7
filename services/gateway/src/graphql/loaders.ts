import type { OperationName } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { Graph, GraphContext } from './context.ts';
import { idIn } from './edges.ts';

/** Things of one kind, and how many of them are asked for at once. */
interface Kind {
  readonly one: OperationName;
  readonly many: OperationName;
  /** Tasks and agents are listed run by run: their ids begin with that of the run. */
  readonly byRun: boolean;
}

const kinds = {
  Project: { one: 'getProject', many: 'listProjects', byRun: false },
  Run: { one: 'getRun', many: 'listRuns', byRun: false },
  Task: { one: 'getTask', many: 'listRunTasks', byRun: true },
  Agent: { one: 'getAgent', many: 'listRunAgents', byRun: true },
} as const satisfies Readonly<Record<string, Kind>>;
type KindName = keyof typeof kinds;

interface Query {
  readonly obj: unknown;
}
type Loader = (queries: readonly Query[], context: object) => Promise<unknown[]>;

/** Every context is made in `register-graphql.ts`; the GraphQL server knows only its own part of it. */
const graphIn = (context: object): Graph => (context as GraphContext).graph;

const pageSize = 500;

const runOf = (id: string): string => id.split('.', 1)[0] ?? id;

async function* pagesOf(
  graph: Graph,
  name: OperationName,
  given: object,
): AsyncGenerator<readonly unknown[]> {
  let cursor: unknown;
  do {
    const page: unknown = await graph.perform(name, { ...given, limit: pageSize, cursor });
    const items: unknown = Reflect.get(Object(page), 'items');
    yield Array.isArray(items) ? items : [];
    cursor = Reflect.get(Object(page), 'nextCursor');
  } while (typeof cursor === 'string');
}

/** Null for what is not there, or not for whoever asks. */
const findOne = async (graph: Graph, { one }: Kind, id: string): Promise<unknown> => {
  try {
    return await graph.perform(one, { id });
  } catch (error) {
    if (error instanceof PartituraError && /_NOT_FOUND$/.test(error.code)) return null;
    throw error;
  }
};

/** As far as the list has them. Projects and runs may be many more than those that are asked for: only its first page is read. */
const fromList = async (
  graph: Graph,
  { many, byRun }: Kind,
  run: string,
  ids: readonly string[],
): Promise<unknown[]> => {
  const wanted = new Set<string | null>(ids);
  const found: unknown[] = [];
  for await (const items of pagesOf(graph, many, byRun ? { id: run } : {})) {
    found.push(...items.filter((item) => wanted.has(idIn(item))));
    if (!byRun || found.length === wanted.size) break;
  }
  return found;
};

/** One alone is read; several of them come from a list where it has them. */
const findMany = async (
  graph: Graph,
  kind: Kind,
  ids: readonly string[],
): Promise<Map<string | null, unknown>> => {
  const groups = [...Map.groupBy(ids, (id) => (kind.byRun ? runOf(id) : ''))];
  const listed = await Promise.all(
    groups.map(([run, group]) => (group.length > 1 ? fromList(graph, kind, run, group) : [])),
  );
  const found = new Map(listed.flat().map((item) => [idIn(item), item]));
  const missing = ids.filter((id) => !found.has(id));
  await Promise.all(missing.map(async (id) => found.set(id, await findOne(graph, kind, id))));
  return found;
};

const upTo =
  (name: KindName, field: string): Loader =>
  async (queries, context) => {
    const graph = graphIn(context);
    const ids = queries.map(({ obj }) => idIn(obj, field));
    const distinct = [...new Set(ids.filter((id) => id !== null))];
    const found = await findMany(graph, kinds[name], distinct);
    return ids.map((id) => (id === null ? null : (found.get(id) ?? null)));
  };

/** All agents of the runs that the tasks belong to, each given to its task. */
const agentsOfTasks: Loader = async (queries, context) => {
  const graph = graphIn(context);
  const runs = new Set(queries.map(({ obj }) => idIn(obj, 'runId') ?? ''));
  const agents: unknown[] = [];
  for (const id of runs)
    for await (const items of pagesOf(graph, 'listRunAgents', { id })) agents.push(...items);
  const byTask = Map.groupBy(agents, (agent) => idIn(agent, 'taskId'));
  return queries.map(({ obj }) => byTask.get(idIn(obj)) ?? []);
};

const project = upTo('Project', 'projectId');
const run = upTo('Run', 'runId');
const task = upTo('Task', 'taskId');

/** Fields of all things of one level are resolved together. */
export const loaders = {
  Run: { project },
  Task: { project, run, agent: upTo('Agent', 'agentId'), agents: agentsOfTasks },
  Agent: { project, run, task },
  Approval: { project, run },
  Artifact: { project, run, task },
  Comment: { task },
  KnowledgeNode: { project },
};
