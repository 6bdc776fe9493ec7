import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { whyResource } from '../why-resources.ts';
import { byId, nothing, read, reading } from './shapes.ts';

const changedFile = z.strictObject({
  path: z.string(),
  /** Both null for a binary file. */
  insertions: z.int().nullable(),
  deletions: z.int().nullable(),
});

const side = z.strictObject({ runId: z.string(), branch: z.string(), commit: z.string() });

export const codeDifference = z.strictObject({
  from: side,
  to: side,
  files: z.array(changedFile),
  filesChanged: z.int(),
  insertions: z.int(),
  deletions: z.int(),
  /** Unified, from the first run's code to the other's. */
  patch: z.string(),
  /** The patch is longer than what is shown of it. */
  truncated: z.boolean(),
});

/** Two runs. */
export const twoRuns = z.strictObject({ ...byId.shape, other: z.string().min(1).max(200) });

export const whyOperations = {
  explainLine: defineOperation({
    method: 'GET',
    path: '/why',
    owner: 'agent-runner',
    role: 'viewer',
    summary: 'Why a line is as it is: from its commit to the requirement it is for.',
    description:
      'Name a run, or a project. Looked at is the commit that is named, else the run’s branch, else the project’s base branch. What of the chain cannot be shown is listed under `missing`, each with a code.',
    params: nothing,
    query: z.strictObject({
      ...reading,
      runId: z.string().min(1).max(200).optional(),
      projectId: z.string().min(1).max(200).optional(),
      path: z.string().min(1).max(4_096),
      line: z.coerce.number().int().min(1).max(10_000_000).optional(),
      commit: z.string().max(64).optional(),
    }),
    body: null,
    result: whyResource,
    status: 200,
  }),
  getCodeDifference: defineOperation({
    method: 'GET',
    path: '/runs/:id/code-difference/:other',
    owner: 'agent-runner',
    role: 'viewer',
    summary: 'What the code of another run of the project has that this one’s has not.',
    params: twoRuns,
    query: read,
    body: null,
    result: codeDifference,
    status: 200,
  }),
};
