import { z } from 'zod';
import { workflow } from '../../workflows/definition.ts';
import { defineOperation } from '../operation.ts';
import { nothing, pageOf, query, read, reader } from './shapes.ts';

const summary = z.strictObject({
  name: z.string(),
  version: z.int(),
  description: z.string(),
  phases: z.array(z.string()),
  /** It comes with the program; else it is the organisation's own. */
  builtIn: z.boolean(),
});

const workflowResource = z.strictObject({
  name: z.string(),
  version: z.int(),
  builtIn: z.boolean(),
  /** All there are, ascending; none of them ever changes. */
  versions: z.array(z.int()),
  definition: workflow,
});

const name = z.string().min(1).max(200);

export const workflowOperations = {
  listWorkflows: query(
    '/workflows',
    'Ways of working: those that come with the program, and the organisation’s own in their latest version.',
    read,
    pageOf(summary),
    'orchestrator',
  ),
  publishWorkflow: defineOperation({
    method: 'POST',
    path: '/workflows',
    owner: 'orchestrator',
    role: 'operator',
    summary: 'Publish a way of working, or its next version. Without a version it gets the next one.',
    params: nothing,
    query: nothing,
    body: z.record(z.string(), z.unknown()),
    result: z.strictObject({ id: z.string(), version: z.int(), position: z.string() }),
    status: 201,
  }),
  getWorkflow: reader(
    '/workflows/:name',
    'A way of working in its latest version.',
    z.strictObject({ name }),
    read,
    workflowResource,
    'orchestrator',
  ),
  getWorkflowVersion: reader(
    '/workflows/:name/versions/:version',
    'A way of working in one of its versions.',
    z.strictObject({ name, version: z.coerce.number().int().positive() }),
    read,
    workflowResource,
    'orchestrator',
  ),
};
