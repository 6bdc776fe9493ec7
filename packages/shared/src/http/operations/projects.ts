import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import * as resource from '../resources.ts';
import {
  accepted,
  budgetInput,
  byId,
  command,
  nothing,
  paged,
  pageOf,
  paging,
  prdBodyLimit,
  query,
  queryOf,
  read,
  reason,
} from './shapes.ts';

const projectName = z.string().min(1).max(200);
const listed = { stack: z.array(z.string().min(1)).max(50), sentences: z.array(z.string().min(1)).max(100) };

export const createProjectBody = z.strictObject({
  name: projectName.optional(),
  /** The PRD's text, or a goal in plain words. */
  prd: z.strictObject({ name: z.string().min(1).max(255).default('PRD.md'), text: z.string() }),
  repository: z.strictObject({ url: z.string().min(1), baseBranch: z.string().min(1).optional() }),
  workflow: z.string().optional(),
  stack: listed.stack.default([]),
  constraints: listed.sentences.default([]),
  successCriteria: listed.sentences.default([]),
  budget: budgetInput.optional(),
});

/** What is not named stays as it is; a list is replaced as a whole, and a budget of null takes the limits away. */
export const updateProjectBody = z.strictObject({
  name: projectName.optional(),
  budget: budgetInput.nullable().optional(),
  workflow: z.string().optional(),
  stack: listed.stack.optional(),
  constraints: listed.sentences.optional(),
  successCriteria: listed.sentences.optional(),
});

export const projectOperations = {
  createProject: defineOperation({
    method: 'POST',
    path: '/projects',
    owner: 'orchestrator',
    role: 'operator',
    summary: 'Create a project from a PRD or a goal in plain words.',
    params: nothing,
    query: nothing,
    body: createProjectBody,
    bodyLimit: prdBodyLimit,
    result: accepted,
    status: 201,
  }),
  updateProject: defineOperation({
    method: 'PATCH',
    path: '/projects/:id',
    owner: 'orchestrator',
    role: 'operator',
    summary:
      'Change a project’s name, limits or defaults. Runs that exist keep the configuration they were started with.',
    params: byId,
    query: nothing,
    body: updateProjectBody,
    result: accepted,
    status: 200,
  }),
  removeProject: defineOperation({
    method: 'DELETE',
    path: '/projects/:id',
    owner: 'orchestrator',
    role: 'operator',
    summary:
      'Remove a project that has no live runs from everything that is listed. The log keeps its events.',
    params: byId,
    query: nothing,
    body: null,
    result: accepted,
    status: 200,
  }),
  reviseProjectPrd: defineOperation({
    method: 'PUT',
    path: '/projects/:id/prd',
    owner: 'orchestrator',
    role: 'operator',
    summary: 'Give a project another PRD. A run takes it up when it is told to re-plan.',
    params: byId,
    query: nothing,
    body: z.strictObject({ name: z.string().min(1).max(255).optional(), text: z.string() }),
    bodyLimit: prdBodyLimit,
    result: accepted,
    status: 200,
  }),
  cloneProject: defineOperation({
    method: 'POST',
    path: '/projects/:id/clone',
    owner: 'orchestrator',
    role: 'operator',
    summary: 'Create a project with the PRD, the repository and the configuration of this one.',
    params: byId,
    query: nothing,
    body: z.strictObject({ name: projectName.optional() }),
    result: accepted,
    status: 201,
  }),
  pauseProject: command('/projects/:id/pause', 'Pause all its runs that go on.', reason),
  resumeProject: command('/projects/:id/resume', 'Let all its paused runs go on.', null),
  cancelProject: command(
    '/projects/:id/cancel',
    'End all its runs; unmerged work stays on its branches.',
    reason,
  ),
  archiveProject: command('/projects/:id/archive', 'Put a project away.', null),
  listProjects: query(
    '/projects',
    'Projects, newest first.',
    z.strictObject({ ...paging, status: z.enum(resource.projectStatuses).optional() }),
    pageOf(resource.projectResource),
  ),
  getProject: queryOf('/projects/:id', 'A project.', read, resource.projectResource),
  listProjectRuns: queryOf(
    '/projects/:id/runs',
    'Its runs, newest first.',
    z.strictObject({ ...paging, status: z.enum(resource.runStatuses).optional() }),
    pageOf(resource.runResource),
  ),
  listProjectTasks: queryOf('/projects/:id/tasks', 'Its tasks.', paged, pageOf(resource.taskResource)),
  listProjectAgents: queryOf('/projects/:id/agents', 'Its agents.', paged, pageOf(resource.agentResource)),
  listProjectKnowledge: queryOf(
    '/projects/:id/knowledge',
    'What is known in it.',
    paged,
    pageOf(resource.knowledgeNodeResource),
    'knowledge',
  ),
  listProjectArtifacts: queryOf(
    '/projects/:id/artifacts',
    'What it made.',
    paged,
    pageOf(resource.artifactResource),
  ),
};
