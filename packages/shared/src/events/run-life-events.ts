import { z } from 'zod';
import { contract } from './define.ts';
import { forkedRun } from './forked-run.ts';
import { amountOrNull, documentReference, runConfiguration } from './run-configuration.ts';
import { blobReference, problem, usage } from './values.ts';

/** Counted from 1 in each run. */
const replan = { number: z.int().positive() };

/** Of a run as a whole: where it stands, which phase it is in, and what its plan is. */
export const runLifeEvents = {
  'run.created': contract(
    'A run exists, with the configuration it keeps.',
    z.strictObject({ runId: z.string(), projectId: z.string(), configuration: runConfiguration }),
  ),
  'run.forked': contract(
    'The run goes on from another’s past, which stands in the streams of that one and is not repeated: see `forking`.',
    forkedRun,
  ),
  'run.started': contract(
    'The run began. It may go on until `wallDeadlineAt`, where its budget limits that.',
    z.strictObject({ wallDeadlineAt: z.iso.datetime().nullable() }),
  ),
  'run.paused': contract(
    'Nothing new is scheduled; agents at work come to their next checkpoint.',
    z.strictObject({
      reason: z.enum(['operator', 'interrupted', 'budget', 'step', 'model_unavailable']),
      detail: z.string(),
    }),
  ),
  'run.resumed': contract('Scheduling goes on.', z.strictObject({})),
  'run.completed': contract(
    'All phases are done.',
    z.strictObject({
      branch: z.string().nullable(),
      commit: z.string().nullable(),
      usage,
      requirements: z.int(),
      requirementsMet: z.int(),
    }),
  ),
  'run.failed': contract('The run cannot go on.', z.strictObject({ problem, usage })),
  'run.cancelled': contract('The operator ended the run.', z.strictObject({ reason: z.string(), usage })),
  'run.stopped': contract(
    'A limit or a policy ended the run.',
    z.strictObject({ by: z.enum(['budget', 'policy']), detail: z.string(), usage }),
  ),

  'phase.entered': contract(
    'The run is in a phase, for the n-th time. `reservation` is what its planning may spend.',
    z.strictObject({
      phase: z.string(),
      visit: z.int().positive(),
      act: z.string(),
      reservation: amountOrNull,
    }),
  ),
  'phase.interrupted': contract(
    'The planner cannot go on until somebody mends something; a resume enters the phase again.',
    z.strictObject({ phase: z.string(), visit: z.int().positive(), problem }),
  ),
  'phase.completed': contract(
    'A phase is done.',
    z.strictObject({ phase: z.string(), visit: z.int().positive() }),
  ),

  'plan.accepted': contract(
    'The plan is what the run will do.',
    z.strictObject({
      plan: blobReference,
      planRevision: z.int().positive(),
      requirementIds: z.array(z.string()),
      tasks: z.int(),
    }),
  ),

  'run.replan_requested': contract(
    'The plan is to be changed for a PRD that was edited. A wish that was not begun gives way to the next one.',
    z.strictObject({ ...replan, prd: documentReference, prdRevision: z.int().positive() }),
  ),
  'run.replan_started': contract(
    'The planner compares the PRDs. Nothing new is scheduled until it is done. `reservation` is what it may spend.',
    z.strictObject({
      ...replan,
      prd: documentReference,
      prdRevision: z.int().positive(),
      reservation: amountOrNull,
    }),
  ),
  'run.replanned': contract(
    'The changed plan is what the run does from here. What was finished stays; the ids are those of tasks.',
    z.strictObject({
      ...replan,
      planRevision: z.int().positive(),
      /** They will not be done, and count for no requirement any more. */
      cancelled: z.array(z.string()),
      added: z.array(z.string()),
      rewired: z.array(z.string()),
    }),
  ),
  'run.replan_failed': contract(
    'The run goes on with the plan it has, and why.',
    z.strictObject({ ...replan, problem }),
  ),
};
