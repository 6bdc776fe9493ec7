import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import * as resource from '../resources.ts';
import {
  accepted,
  budgetInput,
  command,
  nothing,
  paged,
  pageOf,
  prdBodyLimit,
  query,
  queryOf,
  read,
} from './shapes.ts';

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
  archiveProject: command('/projects/:id/archive', 'Put a project away.', null),
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
};
