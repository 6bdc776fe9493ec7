import { z } from 'zod';

/**
 * A way of working, as data. The run decider interprets it; nothing of it is code, so a user's own file works like a
 * built-in one.
 */

/** Facts of a run that a route may ask about: see the orchestrator's `routing.ts` for how each is derived. */
export const facts = [
  'budget.exceeded',
  'policy.onExceed',
  'tasks.failed',
  'tasks.deadLettered',
  'findings.critical',
  'findings.open',
  'policy.gate',
  'phase.visits',
  'plan.questions',
] as const;

const comparison = z.strictObject({
  fact: z.enum(facts),
  is: z.enum(['equal', 'notEqual', 'atLeast', 'lessThan']),
  value: z.union([z.string(), z.number(), z.boolean()]),
});

export interface All {
  all: Condition[];
}
export interface Any {
  any: Condition[];
}
export type Condition = z.infer<typeof comparison> | All | Any;

export const condition: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    comparison,
    z.strictObject({ all: z.array(condition).min(1) }),
    z.strictObject({ any: z.array(condition).min(1) }),
  ]),
);

/** Where a run goes when a phase is done: the first route whose condition holds; without one, the next phase. */
export const route = z.strictObject({
  when: condition,
  to: z.union([
    z.strictObject({ phase: z.string() }),
    z.strictObject({ end: z.enum(['completed', 'failed', 'stopped_budget', 'stopped_policy']) }),
  ]),
});

export const phase = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9_-]*$/),
  title: z.string(),
  /** What happens in it: the planner analyses, designs or plans; agents do the plan's tasks; or one agent does what is said here. */
  act: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('architecture') }),
    z.strictObject({ kind: z.literal('plan'), approval: z.boolean() }),
    z.strictObject({ kind: z.literal('tasks') }),
    z.strictObject({
      kind: z.literal('agent'),
      agentType: z.string(),
      taskKind: z.enum(['task', 'review', 'fix']),
      title: z.string(),
      instructions: z.string(),
      acceptanceCriteria: z.array(z.string()),
    }),
  ]),
  model: z.string().nullable(),
  /** How often it may be entered; a route that would enter it once more is passed over. */
  maxVisits: z.int().positive(),
  routes: z.array(route),
});
export type Phase = z.infer<typeof phase>;

export const workflow = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]*$/),
    version: z.int().positive(),
    description: z.string(),
    phases: z.array(phase).min(1),
    policy: z.strictObject({
      gate: z.enum(['block_critical', 'warn']),
      /** Attempts at one task before it goes to the dead letters. */
      maxAttempts: z.int().min(1).max(20),
      /** Backoff before attempt n + 1: `baseMs * 2^(n-1)`, at most `maxMs`. */
      backoff: z.strictObject({ baseMs: z.int().nonnegative(), maxMs: z.int().nonnegative() }),
      taskTimeoutMs: z.int().positive(),
      /** How often one agent may go back from verify to reason. */
      maxCycles: z.int().min(1).max(20),
      /** Agent type prefix → model, stronger from attempt to attempt: escalation. */
      escalation: z.array(z.strictObject({ fromAttempt: z.int().min(2), model: z.string() })),
    }),
  })
  .superRefine((definition, context) => {
    const ids = definition.phases.map((one) => one.id);
    for (const [index, id] of ids.entries()) {
      if (ids.indexOf(id) !== index) {
        context.addIssue({
          code: 'custom',
          path: ['phases', index, 'id'],
          message: `There are two phases "${id}".`,
        });
      }
    }
    for (const [index, one] of definition.phases.entries()) {
      for (const [at, { to }] of one.routes.entries()) {
        if ('phase' in to && !ids.includes(to.phase)) {
          context.addIssue({
            code: 'custom',
            path: ['phases', index, 'routes', at, 'to', 'phase'],
            message: `There is no phase "${to.phase}" (there are: ${ids.join(', ')}).`,
          });
        }
      }
    }
  });
export type Workflow = z.infer<typeof workflow>;
