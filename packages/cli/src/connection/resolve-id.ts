import type { ApiClient, RunResource } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { nearest } from '../input/nearest.ts';

/** Ids as people give them: the beginning is enough where it fits one only, and of a task its key in the latest run. */

export type Reference = { readonly id: string; readonly kind: 'project' | 'run' | 'task' | 'agent' };

/** Newest first. Beyond these, an id has to be given whole. */
const recent = 500;

const recentRuns = async (client: ApiClient): Promise<readonly RunResource[]> =>
  (await client.call('listRuns', { query: { limit: recent } })).items;

/** @throws {PartituraError} `RUN_NOT_FOUND`, `AMBIGUOUS_ID`; without an id, the latest run is meant */
export const resolveRun = async (client: ApiClient, given: string | undefined): Promise<string> => {
  if (given !== undefined) {
    const exact = await present(() => client.call('getRun', { params: { id: given } }));
    if (exact) return exact.id;
  }
  const ids = (await recentRuns(client)).map(({ id }) => id);
  const [latest] = ids;
  if (given !== undefined) return theOne('run', given, ids);
  if (latest !== undefined) return latest;
  throw new PartituraError('RUN_NOT_FOUND', 'There is no run yet.', {
    advice: 'Start one: partitura run PRD.md',
  });
};

/** @throws {PartituraError} `TASK_NOT_FOUND`, `RUN_NOT_FOUND`, `AMBIGUOUS_ID` */
export const resolveTask = async (client: ApiClient, given: string): Promise<string> => {
  const { run, rest } = await splitAtRun(client, given);
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: { id: string }[]; nextCursor: string | null } = await client.call('listRunTasks', {
      params: { id: run },
      query: { limit: recent, ...(cursor === null ? {} : { cursor }) },
    });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return theOne('task', `${run}.${rest}`, ids);
};

export const resolveAgent = async (client: ApiClient, given: string): Promise<string> => {
  const { run, rest } = await splitAtRun(client, given);
  const id = `${run}.${rest}`;
  const exact = await present(() => client.call('getAgent', { params: { id } }));
  if (exact) return exact.id;
  const page = await client.call('listRunAgents', { params: { id: run }, query: { limit: recent } });
  return theOne(
    'agent',
    id,
    page.items.map((agent) => agent.id),
  );
};

/** An agent, or the one that is at work on a task: whoever watches a run knows tasks, and not how often each was tried. */
export const resolveAgentAtWork = async (client: ApiClient, given: string): Promise<string> => {
  const isOfAttempt = /\.a\d+$/.test(given);
  if (isOfAttempt) return resolveAgent(client, given);
  const id = await resolveTask(client, given);
  const { agentId } = await client.call('getTask', { params: { id } });
  if (agentId !== null) return agentId;
  throw new PartituraError('AGENT_NOT_FOUND', `Nobody works on ${id}.`, {
    advice: `Say it of the task, for whoever will: partitura comment ${id} …`,
  });
};

/** `T4` is in the latest run, `r_7k.T4` in the one that begins with `r_7k`. */
const splitAtRun = async (client: ApiClient, given: string): Promise<{ run: string; rest: string }> => {
  const [first = '', ...others] = given.split('.');
  const named = others.length > 0 && !isAttempt(others.join('.'));
  return named
    ? { run: await resolveRun(client, first), rest: others.join('.') }
    : { run: await resolveRun(client, undefined), rest: given };
};

const isAttempt = (text: string): boolean => /^a\d+$/.test(text);

/** By its shape; what has none is looked for among runs, projects, and the latest run's tasks. */
export const resolveAny = async (client: ApiClient, given: string): Promise<Reference> => {
  if (/\.a\d+$/.test(given)) return { kind: 'agent', id: await resolveAgent(client, given) };
  if (given.includes('.') || /^[A-Z][A-Za-z0-9]*$/.test(given))
    return { kind: 'task', id: await resolveTask(client, given) };
  if (given.startsWith('p_')) return { kind: 'project', id: await resolveProject(client, given) };
  return { kind: 'run', id: await resolveRun(client, given) };
};

export const resolveProject = async (client: ApiClient, given: string): Promise<string> => {
  const exact = await present(() => client.call('getProject', { params: { id: given } }));
  if (exact) return exact.id;
  const page = await client.call('listProjects', { query: { limit: recent } });
  return theOne(
    'project',
    given,
    page.items.map(({ id }) => id),
  );
};

/** Of a run or of one of its agents. */
export const resolveRunOrAgent = async (client: ApiClient, given: string | undefined): Promise<Reference> => {
  if (given === undefined) return { kind: 'run', id: await resolveRun(client, undefined) };
  const found = await resolveAny(client, given);
  if (found.kind === 'project')
    throw new PartituraError('RUN_NOT_FOUND', `${found.id} is a project, not a run.`, {
      advice: `Its runs: partitura show ${found.id}`,
    });
  return found;
};

/** The id that is meant by what was given. @throws {PartituraError} `…_NOT_FOUND`, `AMBIGUOUS_ID` */
export const theOne = (
  kind: 'run' | 'task' | 'agent' | 'project',
  given: string,
  ids: readonly string[],
): string => {
  if (ids.includes(given)) return given;
  const matching = ids.filter((id) => id.startsWith(given) || id.slice(2).startsWith(given));
  const [only, other] = matching;
  if (only !== undefined && other === undefined) return only;
  if (only !== undefined)
    throw new PartituraError(
      'AMBIGUOUS_ID',
      `${given} begins several ids: ${matching.slice(0, 5).join(', ')}.`,
      {
        advice: 'Give more of it.',
      },
    );
  const near = nearest(given, ids);
  const listing =
    kind === 'run' || kind === 'project' ? 'See: partitura ps' : `See: partitura show ${given.split('.')[0]}`;
  throw new PartituraError(`${kind.toUpperCase()}_NOT_FOUND`, `There is no ${kind} ${given}.`, {
    advice: near.length === 0 ? listing : `Did you mean ${near.join(' or ')}?`,
  });
};

const present = async <Found>(ask: () => Promise<Found>): Promise<Found | null> => {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof PartituraError && error.code.endsWith('_NOT_FOUND')) return null;
    throw error;
  }
};
