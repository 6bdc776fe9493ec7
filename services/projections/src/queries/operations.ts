import type { BlobStore } from '@partitura/shared/blobs';
import type { OperationHandlers, RunResource } from '@partitura/shared/http';
import { isWork, taskKinds } from '@partitura/shared/planning';
import type { Query } from '@partitura/shared/read-models';
import { presentAgent } from '../agents/agents.ts';
import { presentApproval } from '../approvals/approvals.ts';
import { presentArtifact } from '../artifacts/artifacts.ts';
import { presentComment } from '../comments/comments.ts';
import { presentCost } from '../costs/costs.ts';
import { presentProject } from '../projects/projects.ts';
import { presentRun } from '../runs/present-run.ts';
import type { RunDocument } from '../runs/runs.ts';
import { presentTask } from '../tasks/tasks.ts';
import { presentPage } from './present-documents.ts';
import { type Documents, notFound, type Readers } from './readers.ts';
import { readPlan } from './run-plan.ts';
import { stateAt } from './state-at.ts';
import { timelineOf } from './timeline.ts';
import { verificationOf } from './verification.ts';

/** An epic stands where its worst task stands, and cannot be taken out of the dead letters itself. */
const kindsOfWork = taskKinds.filter((kind) => isWork({ kind }));

interface Paging {
  readonly after?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

type Sort = NonNullable<Query['sort']>;
const oldestFirst = (field: string): Sort => ({ field, direction: 'ascending' });
const newestFirst = (field: string): Sort => ({ field, direction: 'descending' });

/** Equality in those of the fields that the caller named. */
const wanted = <Field extends string>(
  query: { readonly [Name in Field]?: string | undefined },
  ...fields: readonly Field[]
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    fields.flatMap((field) => {
      const value = query[field];
      return value === undefined ? [] : [[field, value] as const];
    }),
  );

type Answered =
  | `list${'Projects' | 'ProjectRuns' | 'ProjectTasks' | 'ProjectAgents' | 'ProjectArtifacts'}`
  | `list${'Runs' | 'RunTasks' | 'RunAgents' | 'RunArtifacts' | 'RunApprovals'}`
  | `list${'TaskComments' | 'Agents' | 'Approvals' | 'DeadLetters'}`
  | `getRun${'Timeline' | 'Verification'}`
  | `get${'Project' | 'Run' | 'RunPlan' | 'RunCost' | 'RunHistory' | 'RunState'}`
  | `get${'Task' | 'Agent' | 'Approval' | 'Artifact'}`;

/** Every question that the read models answer. */
export const queryHandlers = (readers: Readers, blobs: BlobStore): Pick<OperationHandlers, Answered> => {
  const pages = {
    'one thing': readers.list,
    everything: <Name extends keyof Documents>(name: Name, query: Query) => presentPage(readers, name, query),
  };

  const pageOf = async <Name extends keyof Documents, Shown>(
    name: Name,
    { after, limit, cursor }: Paging,
    query: Pick<Query, 'where' | 'sort' | 'between'>,
    present: (document: Documents[Name]) => Shown,
    within: 'one thing' | 'everything' = 'one thing',
  ): Promise<{ items: Shown[]; nextCursor: string | null }> => {
    await readers.upTo(after);
    const page = await pages[within](name, {
      ...query,
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { items: page.items.map(present), nextCursor: page.nextCursor };
  };

  /** Of something that has to be there: an empty list must not stand for a mistyped id. */
  const pageWithin = async <Name extends keyof Documents, Shown>(
    parent: 'projects' | 'runs' | 'tasks',
    id: string,
    ...[name, paging, query, present]: Parameters<typeof pageOf<Name, Shown>>
  ) => {
    await readers.upTo(paging.after);
    await readers.one(parent, id);
    return pageOf(name, paging, query, present);
  };

  const oneOf = async <Name extends keyof Documents, Shown>(
    name: Name,
    { params: { id }, query: { after } }: { params: { id: string }; query: { after?: string | undefined } },
    present: (document: Documents[Name]) => Shown,
  ): Promise<Shown> => {
    await readers.upTo(after);
    return present(await readers.one(name, id));
  };

  const withProjectNames = async (documents: readonly RunDocument[]): Promise<RunResource[]> => {
    const ids = [...new Set(documents.map(({ projectId }) => projectId))];
    const found = await readers.several('projects', ids);
    const names = new Map(found.flatMap((project) => (project ? [[project.id, project.name] as const] : [])));
    return documents.map((document) => presentRun(document, names.get(document.projectId) ?? null));
  };
  const runsOf = async (paging: Paging, where: Query['where']) => {
    const page = await pageOf(
      'runs',
      paging,
      { ...(where ? { where } : {}), sort: newestFirst('createdAt') },
      (run) => run,
      'everything',
    );
    return { items: await withProjectNames(page.items), nextCursor: page.nextCursor };
  };
  const showRun = async (document: RunDocument): Promise<RunResource> => {
    const [project] = await readers.several('projects', [document.projectId]);
    return presentRun(document, project?.name ?? null);
  };

  const liveState = async (runId: string) => {
    const run = await readers.one('runs', runId);
    const where = { runId };
    const tasks = (
      await Array.fromAsync(readers.pages('tasks', { where, sort: oldestFirst('addedAt') }))
    ).flat();
    const agents = (
      await Array.fromAsync(readers.pages('agents', { where, sort: oldestFirst('spawnedAt') }))
    ).flat();
    const position = [run, ...tasks, ...agents].reduce(
      (last, one) => (one.position > last ? one.position : last),
      '',
    );
    return { position, run, tasks, agents };
  };

  return {
    listProjects: ({ query }) =>
      pageOf(
        'projects',
        query,
        { where: wanted(query, 'status'), sort: newestFirst('createdAt') },
        presentProject,
        'everything',
      ),
    getProject: (input) => oneOf('projects', input, presentProject),
    listProjectRuns: async ({ params, query }) => {
      await readers.upTo(query.after);
      await readers.one('projects', params.id);
      return runsOf(query, { projectId: params.id, ...wanted(query, 'status') });
    },
    listProjectTasks: ({ params: { id }, query }) =>
      pageWithin(
        'projects',
        id,
        'tasks',
        query,
        { where: { projectId: id }, sort: oldestFirst('addedAt') },
        presentTask,
      ),
    listProjectAgents: ({ params: { id }, query }) =>
      pageWithin(
        'projects',
        id,
        'agents',
        query,
        { where: { projectId: id }, sort: newestFirst('spawnedAt') },
        presentAgent,
      ),
    listProjectArtifacts: ({ params: { id }, query }) =>
      pageWithin(
        'projects',
        id,
        'artifacts',
        query,
        { where: { projectId: id }, sort: oldestFirst('madeAt') },
        presentArtifact,
      ),
    listRuns: ({ query }) => runsOf(query, wanted(query, 'projectId', 'status')),
    getRun: async (input) => showRun(await oneOf('runs', input, (run) => run)),
    getRunPlan: async (input) => readPlan(blobs, await oneOf('runs', input, (run) => run)),
    listRunTasks: ({ params: { id }, query }) =>
      pageWithin(
        'runs',
        id,
        'tasks',
        query,
        {
          where: { runId: id, ...wanted(query, 'status') },
          sort: oldestFirst('addedAt'),
        },
        presentTask,
      ),
    listRunAgents: ({ params: { id }, query }) =>
      pageWithin(
        'runs',
        id,
        'agents',
        query,
        { where: { runId: id }, sort: newestFirst('spawnedAt') },
        presentAgent,
      ),
    listRunArtifacts: ({ params: { id }, query }) =>
      pageWithin(
        'runs',
        id,
        'artifacts',
        query,
        { where: { runId: id }, sort: oldestFirst('madeAt') },
        presentArtifact,
      ),
    listRunApprovals: ({ params: { id }, query }) =>
      pageWithin(
        'runs',
        id,
        'approvals',
        query,
        { where: { runId: id, ...wanted(query, 'status') }, sort: newestFirst('askedAt') },
        presentApproval,
      ),
    getRunTimeline: (input) => timelineOf(readers, input),
    getRunVerification: async ({ params: { id }, query }) => {
      await readers.upTo(query.after);
      return verificationOf(readers, blobs, id);
    },
    getRunCost: (input) => oneOf('costs', input, presentCost),
    getRunHistory: ({ params: { id }, query }) =>
      pageWithin(
        'runs',
        id,
        'history',
        query,
        {
          where: { runId: id, ...(query.type === undefined ? {} : { type: query.type }) },
          between: {
            ...(query.from === undefined ? {} : { from: query.from }),
            ...(query.to === undefined ? {} : { to: query.to }),
          },
        },
        ({ event }) => event,
      ),
    getRunState: async ({ params: { id }, query }) => {
      await readers.upTo(query.after);
      await readers.one('runs', id);
      const state = await (query.at === undefined ? liveState(id) : stateAt(readers, id, query.at));
      return {
        position: state.position,
        run: await showRun(state.run),
        tasks: state.tasks.map(presentTask),
        agents: state.agents.map(presentAgent),
      };
    },
    getTask: (input) => oneOf('tasks', input, presentTask),
    listTaskComments: ({ params: { id }, query }) =>
      pageWithin(
        'tasks',
        id,
        'comments',
        query,
        { where: { taskId: id }, sort: oldestFirst('position') },
        presentComment,
      ),
    listAgents: ({ query }) =>
      pageOf(
        'agents',
        query,
        { where: wanted(query, 'status'), sort: newestFirst('spawnedAt') },
        presentAgent,
        'everything',
      ),
    getAgent: (input) => oneOf('agents', input, presentAgent),
    listApprovals: ({ query }) =>
      pageOf(
        'approvals',
        query,
        { where: wanted(query, 'runId', 'status'), sort: newestFirst('askedAt') },
        presentApproval,
        'everything',
      ),
    getApproval: (input) => oneOf('approvals', input, presentApproval),
    getArtifact: async ({ params: { id }, query }) => {
      await readers.upTo(query.after);
      const { items } = await readers.list('artifacts', {
        where: { hash: id },
        sort: oldestFirst('madeAt'),
        limit: 1,
      });
      if (!items[0]) throw notFound('artifact', id);
      return presentArtifact(items[0]);
    },
    listDeadLetters: ({ query }) =>
      pageOf(
        'tasks',
        query,
        { where: { status: 'dead_letter', kind: kindsOfWork }, sort: newestFirst('addedAt') },
        presentTask,
        'everything',
      ),
  };
};
