import { z } from 'zod';
import { defineOperation, type OperationHandler } from './operation.ts';
import * as resource from './resources.ts';

const byId = z.strictObject({ id: z.string().min(1).max(200) });
const nothing = z.strictObject({});
/** Every GET waits, bounded, until its read model has come to `after`. */
const reading = { after: z.string().optional() };
const read = z.strictObject(reading);
const paging = {
  ...reading,
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().optional(),
};
const paged = z.strictObject(paging);
const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
/** What every command answers: where the log stands after it. */
const accepted = z.strictObject({ id: z.string(), position: z.string() });
const reason = z.strictObject({ reason: z.string().max(2_000).default('') });

const budgetInput = z.strictObject({
  usd: z.number().positive().optional(),
  tokens: z.int().positive().optional(),
  wallMs: z.int().positive().optional(),
  onExceed: z.enum(['stop', 'pause']).default('stop'),
});

export const createProjectBody = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  /** The PRD's text, or a goal in plain words. */
  prd: z.strictObject({ name: z.string().min(1).max(255).default('PRD.md'), text: z.string() }),
  repository: z.strictObject({ url: z.string().min(1), baseBranch: z.string().min(1).optional() }),
  workflow: z.string().optional(),
  stack: z.array(z.string().min(1)).max(50).default([]),
  constraints: z.array(z.string().min(1)).max(100).default([]),
  successCriteria: z.array(z.string().min(1)).max(100).default([]),
  budget: budgetInput.optional(),
});

export const startRunBody = z.strictObject({
  /** A name, or a whole definition. */
  workflow: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  model: z.string().optional(),
  rehearse: z.boolean().optional(),
  budget: budgetInput.optional(),
  maxAgents: z.int().min(1).max(10_000).optional(),
  step: z.boolean().optional(),
  planOnly: z.boolean().optional(),
});

const command = <Body extends z.ZodType | null>(path: string, summary: string, body: Body) =>
  defineOperation({
    method: 'POST',
    path,
    owner: 'orchestrator',
    role: 'operator',
    summary,
    params: byId,
    query: nothing,
    body,
    result: accepted,
    status: 202,
  });

type Reader = 'projections' | 'knowledge' | 'planner' | 'orchestrator';

const reader = <Params extends z.ZodType, Query extends z.ZodType, Result extends z.ZodType>(
  path: string,
  summary: string,
  params: Params,
  shape: Query,
  result: Result,
  owner: Reader,
) =>
  defineOperation({
    method: 'GET',
    path,
    owner,
    role: 'viewer',
    summary,
    params,
    query: shape,
    body: null,
    result,
    status: 200,
  });

const query = <Query extends z.ZodType, Result extends z.ZodType>(
  path: string,
  summary: string,
  shape: Query,
  result: Result,
  owner: Reader = 'projections',
) => reader(path, summary, nothing, shape, result, owner);

/** Of one thing: its path names an id. */
const queryOf = <Query extends z.ZodType, Result extends z.ZodType>(
  path: `${string}/:id${string}`,
  summary: string,
  shape: Query,
  result: Result,
  owner: Reader = 'projections',
) => reader(path, summary, byId, shape, result, owner);

export const operations = {
  createProject: defineOperation({
    method: 'POST',
    path: '/projects',
    owner: 'orchestrator',
    role: 'operator',
    summary: 'Create a project from a PRD or a goal in plain words.',
    params: nothing,
    query: nothing,
    body: createProjectBody,
    result: accepted,
    status: 201,
  }),
  startRun: defineOperation({
    method: 'POST',
    path: '/projects/:id/runs',
    owner: 'orchestrator',
    role: 'operator',
    summary: 'Start a run of a project.',
    params: byId,
    query: nothing,
    body: startRunBody,
    result: accepted,
    status: 201,
  }),
  archiveProject: command('/projects/:id/archive', 'Put a project away.', null),
  pauseRun: command(
    '/runs/:id/pause',
    'Schedule nothing new.',
    z.strictObject({
      reason: z.string().max(2_000).default(''),
      /** `interrupted`: whoever does the run ends, and did not mean to stop it for good. */
      cause: z.enum(['operator', 'interrupted']).default('operator'),
    }),
  ),
  resumeRun: command('/runs/:id/resume', 'Go on.', null),
  cancelRun: command('/runs/:id/cancel', 'End a run; unmerged work stays on its branches.', reason),
  retryRun: command(
    '/runs/:id/retry',
    'Take all its tasks out of the dead letters.',
    z.strictObject({ model: z.string().optional() }),
  ),
  retryTask: command(
    '/tasks/:id/retry',
    'Take a task out of the dead letters.',
    z.strictObject({ model: z.string().optional() }),
  ),
  approveTask: command(
    '/tasks/:id/approve',
    'Take a task’s work as it is.',
    z.strictObject({ comment: z.string().max(2_000).default('') }),
  ),
  cancelTask: command('/tasks/:id/cancel', 'Do without a task.', reason),
  commentTask: command(
    '/tasks/:id/comments',
    'Say something of a task.',
    z.strictObject({ text: z.string().min(1).max(10_000) }),
  ),
  grantApproval: command(
    '/approvals/:id/grant',
    'Say yes.',
    z.strictObject({ comment: z.string().max(2_000).default('') }),
  ),
  denyApproval: command(
    '/approvals/:id/deny',
    'Say no.',
    z.strictObject({ comment: z.string().max(2_000).default('') }),
  ),

  listProjects: query('/projects', 'Projects, newest first.', paged, pageOf(resource.projectResource)),
  getProject: queryOf('/projects/:id', 'A project.', read, resource.projectResource),
  listProjectRuns: queryOf(
    '/projects/:id/runs',
    'Its runs, newest first.',
    paged,
    pageOf(resource.runResource),
  ),
  listProjectTasks: queryOf('/projects/:id/tasks', 'Its tasks.', paged, pageOf(resource.taskResource)),
  listProjectAgents: queryOf('/projects/:id/agents', 'Its agents.', paged, pageOf(resource.agentResource)),
  listProjectArtifacts: queryOf(
    '/projects/:id/artifacts',
    'What it made.',
    paged,
    pageOf(resource.artifactResource),
  ),
  listRuns: query(
    '/runs',
    'Runs, newest first.',
    z.strictObject({ ...paging, status: z.enum(resource.runStatuses).optional() }),
    pageOf(resource.runResource),
  ),
  getRun: queryOf('/runs/:id', 'A run.', read, resource.runResource),
  getRunPlan: queryOf(
    '/runs/:id/plan',
    'What the planner found out.',
    read,
    z.record(z.string(), z.unknown()),
  ),
  listRunTasks: queryOf(
    '/runs/:id/tasks',
    'Its tasks.',
    z.strictObject({ ...paging, status: z.enum(resource.taskStatuses).optional() }),
    pageOf(resource.taskResource),
  ),
  listRunAgents: queryOf('/runs/:id/agents', 'Its agents.', paged, pageOf(resource.agentResource)),
  listRunArtifacts: queryOf('/runs/:id/artifacts', 'What it made.', paged, pageOf(resource.artifactResource)),
  listRunApprovals: queryOf(
    '/runs/:id/approvals',
    'What it asks of people.',
    paged,
    pageOf(resource.approvalResource),
  ),
  getRunCost: queryOf('/runs/:id/cost', 'Where tokens and money went.', read, resource.costResource),
  getRunHistory: queryOf(
    '/runs/:id/history',
    'Its events, in order.',
    z.strictObject({
      ...paging,
      type: z.string().optional(),
      from: z.string().optional(),
      to: z.string().optional(),
    }),
    pageOf(resource.cloudEvent),
  ),
  getRunState: queryOf(
    '/runs/:id/state',
    'The run as it stands, or stood at a position or time.',
    z.strictObject({ ...reading, at: z.string().optional() }),
    z.strictObject({
      position: z.string(),
      run: resource.runResource,
      tasks: z.array(resource.taskResource),
      agents: z.array(resource.agentResource),
    }),
  ),
  getTask: queryOf('/tasks/:id', 'A task.', read, resource.taskResource),
  listTaskComments: queryOf(
    '/tasks/:id/comments',
    'What was said of it.',
    paged,
    pageOf(resource.commentResource),
  ),
  listAgents: query('/agents', 'Agents, newest first.', paged, pageOf(resource.agentResource)),
  getAgent: queryOf('/agents/:id', 'An agent.', read, resource.agentResource),
  listApprovals: query('/approvals', 'What is asked of people.', paged, pageOf(resource.approvalResource)),
  getApproval: queryOf('/approvals/:id', 'One question.', read, resource.approvalResource),
  getArtifact: queryOf('/artifacts/:id', 'What is known of an artifact.', read, resource.artifactResource),
  listDeadLetters: query(
    '/dead-letters',
    'Tasks that wait for an operator.',
    paged,
    pageOf(resource.taskResource),
  ),
  listWorkflows: query(
    '/workflows',
    'Ways of working.',
    read,
    pageOf(
      z.strictObject({
        name: z.string(),
        version: z.int(),
        description: z.string(),
        phases: z.array(z.string()),
      }),
    ),
    'orchestrator',
  ),
  listKnowledge: query(
    '/knowledge/nodes',
    'What is known.',
    z.strictObject({ ...paging, projectId: z.string().optional() }),
    pageOf(resource.knowledgeNodeResource),
    'knowledge',
  ),
  getKnowledge: queryOf(
    '/knowledge/nodes/:id',
    'One thing known.',
    read,
    resource.knowledgeNodeResource,
    'knowledge',
  ),
  searchKnowledge: query(
    '/knowledge/search',
    'By words and by meaning.',
    z.strictObject({
      ...reading,
      q: z.string().min(1).max(1_000),
      projectId: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(100).default(10),
    }),
    z.strictObject({
      embedder: z.string(),
      items: z.array(z.strictObject({ score: z.number(), node: resource.knowledgeNodeResource })),
    }),
    'knowledge',
  ),
  getKnowledgeGraph: query(
    '/knowledge/graph',
    'What is known around a node.',
    z.strictObject({
      ...reading,
      start: z.string().min(1),
      depth: z.coerce.number().int().min(0).max(5).default(2),
    }),
    z.strictObject({
      nodes: z.array(resource.knowledgeNodeResource),
      edges: z.array(z.strictObject({ from: z.string(), to: z.string(), relation: z.string() })),
    }),
    'knowledge',
  ),
  listProjections: query(
    '/projections',
    'Read models, how far each has come, and how far behind.',
    read,
    pageOf(
      z.strictObject({
        name: z.string(),
        version: z.int(),
        position: z.string(),
        lag: z.int(),
        status: z.enum(['live', 'rebuilding']),
      }),
    ),
  ),
  rebuildProjection: defineOperation({
    method: 'POST',
    path: '/projections/:id/rebuild',
    owner: 'projections',
    role: 'admin',
    summary: 'Build a read model again from the log, beside the live one, then switch.',
    params: byId,
    query: nothing,
    body: null,
    result: accepted,
    status: 202,
  }),
};
export type Operations = typeof operations;
export type OperationName = keyof Operations;
export type OperationHandlers = { [Name in OperationName]: OperationHandler<Operations[Name]> };

export const isOperationName = (name: string): name is OperationName => Object.hasOwn(operations, name);
