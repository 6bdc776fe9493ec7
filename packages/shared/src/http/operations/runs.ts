import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import * as resource from '../resources.ts';
import { timelineLane, verificationResource } from '../run-resources.ts';
import {
  accepted,
  budgetInput,
  byId,
  command,
  nothing,
  paged,
  pageOf,
  paging,
  query,
  queryOf,
  read,
  reason,
} from './shapes.ts';

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

/** What is done with a run, and how it stands; what it was and what happened stands in `history.ts` and `moments.ts`. */
export const runOperations = {
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
  replanRun: command(
    '/runs/:id/replan',
    'Take up the PRD that the project has now: finished work stays, what the edit touches is planned again.',
    null,
  ),
  listRuns: query(
    '/runs',
    'Runs, newest first.',
    z.strictObject({
      ...paging,
      status: z.enum(resource.runStatuses).optional(),
      projectId: z.string().optional(),
    }),
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
    z.strictObject({ ...paging, status: z.enum(resource.approvalStatuses).optional() }),
    pageOf(resource.approvalResource),
  ),
  getRunTimeline: queryOf(
    '/runs/:id/timeline',
    'Its tasks as lanes, in the order of the plan, each with its agents.',
    paged,
    pageOf(timelineLane),
  ),
  getRunVerification: queryOf(
    '/runs/:id/verification',
    'From each requirement to the tasks that serve it, and how these were verified.',
    read,
    verificationResource,
  ),
  getRunCost: queryOf('/runs/:id/cost', 'Where tokens and money went.', read, resource.costResource),
};
