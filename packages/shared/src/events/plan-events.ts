import { z } from 'zod';
import { percentiles } from '../planning/plan-document.ts';
import { contract, type EventOf } from './define.ts';
import { modelEvents } from './model-events.ts';
import { amount, blobReference, problem, usage } from './values.ts';

/** Stream `plan-<run>`, owned by the planner. */
export const planEvents = {
  ...modelEvents,
  'plan.started': contract(
    'A planner took the phase up.',
    z.strictObject({ phase: z.string(), visit: z.int().positive(), prd: blobReference }),
  ),
  'plan.requirements_identified': contract(
    'What the PRD asks for.',
    z.strictObject({ requirements: z.int(), questions: z.int(), content: blobReference }),
  ),
  'plan.architecture_described': contract(
    'How it is to be built.',
    z.strictObject({ content: blobReference, technologies: z.array(z.string()), risks: z.int() }),
  ),
  'plan.tasks_refused': contract(
    'The model’s tasks do not make a plan (a cycle, a dangling reference, a wrong shape); it is asked to repair them.',
    z.strictObject({ problems: z.array(problem), repair: z.int() }),
  ),
  'plan.allowance_requested': contract(
    'The planner needs more budget than it holds.',
    z.strictObject({ requestId: z.string(), amount }),
  ),
  'plan.phase_finished': contract(
    'The planner is done with a phase.',
    z.strictObject({ phase: z.string(), visit: z.int().positive(), usage }),
  ),
  'plan.proposed': contract(
    'A valid plan, with its estimate.',
    z.strictObject({
      plan: blobReference,
      planRevision: z.int().positive(),
      requirements: z.int(),
      questions: z.int(),
      tasks: z.int(),
      width: z.int(),
      criticalPath: z.array(z.string()),
      criticalPathMs: z.number(),
      durationMs: percentiles,
      costMicroUsd: percentiles,
      /** Micro-USD for a million tokens that the estimate was made with: a price changes, the estimate that was made does not. Absent in old ones. */
      price: z.strictObject({ input: z.number(), output: z.number() }).nullable().optional(),
    }),
  ),
  'plan.failed': contract(
    'There is no plan, and why.',
    z.strictObject({ phase: z.string(), visit: z.int().positive(), problem, usage }),
  ),
};
export type PlanEvent = EventOf<typeof planEvents>;
