import { z } from 'zod';
import { contract, type EventOf } from './define.ts';
import { forkedRun } from './forked-run.ts';
import { amountOrNull, documentReference, repository, runConfiguration } from './run-configuration.ts';
import { budget } from './values.ts';

/** Stream `project-<id>`, owned by the orchestrator. */
export const projectEvents = {
  'project.created': contract(
    'A project exists: what is wanted, where its repository is, and within what limits.',
    z.strictObject({
      projectId: z.string(),
      name: z.string(),
      prd: documentReference,
      repository,
      stack: z.array(z.string()),
      constraints: z.array(z.string()),
      successCriteria: z.array(z.string()),
      budget: budget.nullable(),
      workflow: z.string(),
    }),
  ),
  'project.prd_revised': contract(
    'The PRD was edited.',
    z.strictObject({ prd: documentReference, prdRevision: z.int().positive() }),
  ),
  'project.configured': {
    ...contract(
      'Name, limits or defaults were changed; runs that exist keep the configuration they were started with.',
      z.strictObject({
        name: z.string().optional(),
        budget: budget.nullable().optional(),
        workflow: z.string().optional(),
        stack: z.array(z.string()).optional(),
        constraints: z.array(z.string()).optional(),
        successCriteria: z.array(z.string()).optional(),
      }),
    ),
    version: 2,
    // The first version could not say what a product is built with: it left that as it was, which is what an absent field means.
    upcasters: { 1: (data: { name?: string; budget?: unknown; workflow?: string }) => data },
  },
  'project.run_requested': contract(
    'A run was asked for; what it may spend at the most is set aside from the project.',
    z.strictObject({
      runId: z.string(),
      reserved: amountOrNull,
      configuration: runConfiguration,
      /** For a fork: what it goes on from. */
      fork: forkedRun.optional(),
    }),
  ),
  'project.run_reopened': contract(
    'A failed run goes on with its dead letters; what it may still spend is set aside again.',
    z.strictObject({ runId: z.string(), reserved: amountOrNull }),
  ),
  'project.run_settled': contract(
    'A run ended; what it did not spend is free again.',
    z.strictObject({ runId: z.string(), status: z.string(), tokens: z.int(), microUsd: z.int() }),
  ),
  'project.phase_changed': contract(
    'The project’s run entered a phase.',
    z.strictObject({ runId: z.string(), phase: z.string(), title: z.string() }),
  ),
  'project.completed': contract(
    'A run brought the project to its end: every task is done and merged.',
    z.strictObject({ runId: z.string(), branch: z.string().nullable(), commit: z.string().nullable() }),
  ),
  'project.archived': contract('The project was put away; its log stays.', z.strictObject({})),
  'project.removed': contract(
    'The project is not found any more, nor listed; its log stays.',
    z.strictObject({}),
  ),
};
export type ProjectEvent = EventOf<typeof projectEvents>;
