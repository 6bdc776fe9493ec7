import type { AnalyticsQuery, ApiClient, OperationOutput, Operations } from '@partitura/shared/http';
import { resolveProject, resolveRun } from '../connection/resolve-id.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Column, table } from '../output/table.ts';
import { dollars, duration, quantity } from '../screen/figures.ts';
import { inSession, written } from './serve.ts';

export interface AnalyticsFlags {
  readonly since?: string;
  readonly until?: string;
  readonly by?: string;
  readonly project?: string;
  readonly run?: string;
  readonly model?: string;
  readonly agentType?: string;
  readonly phase?: string;
  readonly workflow?: string;
}

export const questions = {
  costs: 'getCosts',
  throughput: 'getThroughput',
  agents: 'getAgentFigures',
  quality: 'getQuality',
  parallelism: 'getParallelism',
} as const;
export type Question = keyof typeof questions;
type Asked = (typeof questions)[Question];
type Answer<Name extends Asked> = OperationOutput<Operations[Name]>;
type Figures<Name extends Asked> = Answer<Name>['totals'];

type Shown<Name extends Asked> = readonly (readonly [
  title: string,
  cell: (figures: Figures<Name>) => string,
])[];

const rate = (value: number | null): string => (value === null ? '–' : `${Math.round(value * 100)}%`);
const time = (value: number | null): string => (value === null ? '–' : duration(value));
/** What is not known whole says how much of it is. */
const cost = ({ costUsd, knownCostUsd, unpricedCalls }: Figures<'getCosts'>): string =>
  costUsd === null ? `≥${dollars(knownCostUsd)} (${unpricedCalls} unpriced)` : dollars(costUsd);

const shown: { readonly [Name in Asked]: Shown<Name> } = {
  getCosts: [
    ['calls', ({ calls }) => quantity(calls)],
    ['failed', ({ failedCalls }) => quantity(failedCalls)],
    ['input', ({ inputTokens }) => quantity(inputTokens)],
    ['cached', ({ cacheReadTokens }) => quantity(cacheReadTokens)],
    ['output', ({ outputTokens }) => quantity(outputTokens)],
    ['rehearsed', ({ rehearsalCalls }) => quantity(rehearsalCalls)],
    ['cost', cost],
  ],
  getThroughput: [
    ['tasks', ({ tasks }) => quantity(tasks.completed)],
    ['dead', ({ tasks }) => quantity(tasks.deadLettered)],
    ['open', ({ tasks }) => quantity(tasks.open)],
    ['attempts', ({ attempts }) => quantity(attempts)],
    ['retries', ({ retries }) => quantity(retries)],
    ['merged', ({ merged }) => quantity(merged)],
    ['task p50', ({ taskDurationMs }) => time(taskDurationMs.p50)],
    ['p95', ({ taskDurationMs }) => time(taskDurationMs.p95)],
    [
      'runs',
      ({ runs }) => `${runs.completed}/${runs.completed + runs.failed + runs.cancelled + runs.stopped}`,
    ],
    ['run p50', ({ runDurationMs }) => time(runDurationMs.p50)],
  ],
  getAgentFigures: [
    ['attempts', ({ attempts }) => quantity(attempts)],
    ['succeeded', ({ successRate }) => rate(successRate)],
    ['retries', ({ retries }) => quantity(retries)],
    ['crashes', ({ crashes }) => quantity(crashes)],
    ['turns', ({ turns }) => quantity(turns)],
    ['tools', ({ toolCalls }) => quantity(toolCalls)],
    ['p50', ({ durationMs }) => time(durationMs.p50)],
    ['p95', ({ durationMs }) => time(durationMs.p95)],
  ],
  getQuality: [
    ['gates', ({ gates }) => rate(gates.passRate)],
    ['first checks', ({ checks }) => rate(checks.firstTimeRate)],
    ['critical', ({ findings }) => quantity(findings.critical)],
    ['high', ({ findings }) => quantity(findings.high)],
    ['dead', ({ deadLetters }) => quantity(deadLetters)],
    ['conflicts', ({ conflicts }) => quantity(conflicts)],
    ['known used', ({ knowledge }) => `${knowledge.nodesUsed}/${knowledge.nodesAvailable ?? '–'}`],
  ],
  getParallelism: [
    ['runs', ({ runs }) => quantity(runs)],
    ['most', ({ maxAgents }) => quantity(maxAgents)],
    ['mean', ({ meanAgents }) => meanAgents?.toFixed(1) ?? '–'],
    ['used', ({ utilisation }) => rate(utilisation)],
    ['path foretold', ({ criticalPath }) => time(criticalPath.estimatedMs)],
    ['was', ({ criticalPath }) => time(criticalPath.actualMs)],
    ['in p90', ({ criticalPath }) => rate(criticalPath.withinP90)],
  ],
};

type Group = Readonly<Record<string, unknown>>;

/** A line for each group, and one for all of them. */
const linesOf = <Name extends Asked>(
  name: Name,
  { groupBy, items, totals }: Answer<Name>,
  width: number,
): readonly string[] => {
  const cells = shown[name] as Shown<Name>;
  const columns: Column[] = [
    ...groupBy.map((title) => ({ title })),
    ...cells.map(([title]) => ({ title, align: 'right' as const })),
  ];
  const row = (names: readonly string[], figures: Figures<Name>) => [
    ...names,
    ...cells.map(([, cell]) => cell(figures)),
  ];
  const groups = items.map((item) =>
    row(
      groupBy.map((dimension) => String((item as Group)[dimension] ?? '–')),
      item as Figures<Name>,
    ),
  );
  const all = row(
    groupBy.map((_, at) => (at === 0 ? 'all' : '')),
    totals,
  );
  return table(columns, [...groups, all], width);
};

type Query = Partial<AnalyticsQuery>;
type Ask<Name extends Asked> = (client: ApiClient, query: Query) => Promise<Answer<Name>>;

const asks: { readonly [Name in Asked]: Ask<Name> } = {
  getCosts: (client, query) => client.call('getCosts', { query }),
  getThroughput: (client, query) => client.call('getThroughput', { query }),
  getAgentFigures: (client, query) => client.call('getAgentFigures', { query }),
  getQuality: (client, query) => client.call('getQuality', { query }),
  getParallelism: (client, query) => client.call('getParallelism', { query }),
};

/** Every group, page after page. */
const askAll = async <Name extends Asked>(
  client: ApiClient,
  name: Name,
  query: Query,
): Promise<Answer<Name>> => {
  const ask: Ask<Name> = asks[name];
  const first = await ask(client, { ...query, limit: 500 });
  const items: unknown[] = [...first.items];
  let { nextCursor } = first;
  while (nextCursor !== null) {
    const page = await ask(client, { ...query, limit: 500, cursor: nextCursor });
    items.push(...page.items);
    ({ nextCursor } = page);
  }
  return { ...first, items, nextCursor: null };
};

/** `analytics QUESTION`: figures, told apart by whatever was asked for. */
export const analytics = (question: Question, flags: AnalyticsFlags, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const { by, project, run, ...filters } = flags;
    const query = {
      ...filters,
      ...(by === undefined ? {} : { groupBy: by }),
      ...(project === undefined ? {} : { projectId: await resolveProject(client, project) }),
      ...(run === undefined ? {} : { runId: await resolveRun(client, run) }),
    };
    const name = questions[question];
    const answer = await askAll(client, name, query);
    context.output.result(answer, () => written(context, linesOf(name, answer, context.terminal.width())));
    return exitCodes.done;
  });
