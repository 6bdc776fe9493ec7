import type { ApiClient, TaskResource } from '@partitura/shared/http';
import { resolveAny, resolveRun } from '../connection/resolve-id.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { projectReport } from '../reports/project-report.ts';
import { type Paper, runReport } from '../reports/run-report.ts';
import { agentReport, taskReport } from '../reports/task-report.ts';
import { inSession, paperOf, written } from './serve.ts';

interface Shown {
  readonly document: unknown;
  readonly lines: (paper: Paper) => readonly string[];
}

/** Whatever the id names: a run, a project, a task or an agent. */
export const show = (given: string | undefined, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const { document, lines } = await lookUp(client, given);
    context.output.result(document, () => written(context, lines(paperOf(context))));
    return exitCodes.done;
  });

const lookUp = async (client: ApiClient, given: string | undefined): Promise<Shown> => {
  const { kind, id } =
    given === undefined
      ? { kind: 'run' as const, id: await resolveRun(client, undefined) }
      : await resolveAny(client, given);
  switch (kind) {
    case 'run':
      return showRun(client, id);
    case 'project':
      return showProject(client, id);
    case 'task':
      return showTask(client, id);
    case 'agent':
      return showAgent(client, id);
  }
};

const showRun = async (client: ApiClient, id: string): Promise<Shown> => {
  const params = { id };
  const run = await client.call('getRun', { params });
  const tasks = await allTasks(client, id);
  const approvals = (await client.call('listRunApprovals', { params, query: { limit: 100 } })).items;
  return {
    document: { ...run, taskList: tasks, approvals },
    lines: (paper) => runReport(run, tasks, approvals, paper),
  };
};

const allTasks = async (client: ApiClient, id: string): Promise<readonly TaskResource[]> => {
  const tasks: TaskResource[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: { limit: number; cursor?: string } = { limit: 500, ...(cursor === '' ? {} : { cursor }) };
    const page: { items: TaskResource[]; nextCursor: string | null } = await client.call('listRunTasks', {
      params: { id },
      query,
    });
    tasks.push(...page.items);
    cursor = page.nextCursor;
  }
  return tasks.filter(({ kind }) => kind !== 'epic' && kind !== 'story');
};

const showProject = async (client: ApiClient, id: string): Promise<Shown> => {
  const params = { id };
  const project = await client.call('getProject', { params });
  const runs = (await client.call('listProjectRuns', { params, query: { limit: 100 } })).items;
  return { document: { ...project, runList: runs }, lines: (paper) => projectReport(project, runs, paper) };
};

const showTask = async (client: ApiClient, id: string): Promise<Shown> => {
  const params = { id };
  const task = await client.call('getTask', { params });
  const comments = (await client.call('listTaskComments', { params, query: { limit: 100 } })).items;
  return {
    document: { ...task, commentList: comments },
    lines: (paper) => taskReport(task, comments, paper),
  };
};

const showAgent = async (client: ApiClient, id: string): Promise<Shown> => {
  const agent = await client.call('getAgent', { params: { id } });
  return { document: agent, lines: (paper) => agentReport(agent, paper) };
};
