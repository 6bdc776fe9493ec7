import { z } from 'zod';
import {
  agentResource,
  approvalResource,
  budgetResource,
  runResource,
  taskResource,
  usageResource,
} from './resources.ts';

/** What the API shows of a run as it stood, and of what changed between two moments. */

const held = { tokens: z.int(), usd: z.number() };

/** A budget as it is counted, call by call: what is spent and what is set aside never exceed a limit together. */
export const budgetState = z.strictObject({
  /** Null where nothing limits the run. */
  limits: budgetResource.nullable(),
  /** By those who are done: what an agent at work spent so far stands in its own usage. */
  spent: usageResource,
  /** Set aside for those at work. */
  reserved: z.strictObject(held),
  /** Who holds how much of it: attempts, and `plan`. */
  holders: z.array(z.strictObject({ holder: z.string(), ...held })),
});

const range = z.strictObject({ p50: z.number(), p90: z.number() });
export const planState = z.strictObject({
  /** The plan's document; `GET /artifacts/{id}/content` has it. */
  artifactId: z.string(),
  revision: z.int(),
  status: z.enum(['proposed', 'accepted']),
  requirements: z.int(),
  questions: z.int(),
  tasks: z.int(),
  /** Tasks that can be worked on at once. */
  width: z.int(),
  criticalPath: z.array(z.string()),
  criticalPathMs: z.number(),
  durationMs: range,
  costUsd: range,
});

export const knownThing = z.strictObject({
  id: z.string(),
  kind: z.string(),
  title: z.string(),
  taskId: z.string().nullable(),
  retracted: z.boolean(),
  position: z.string(),
});

export const runState = z.strictObject({
  /** Of the last event that is in it. */
  position: z.string(),
  run: runResource,
  /** The run's branch, and what was merged into it by then. */
  branch: z.strictObject({ name: z.string().nullable(), commit: z.string().nullable() }),
  tasks: z.array(taskResource),
  agents: z.array(agentResource),
  budget: budgetState,
  plan: planState.nullable(),
  approvals: z.array(approvalResource),
  /** What came to be known from the run. */
  knowledge: z.strictObject({ total: z.int(), nodes: z.array(knownThing) }),
});
export type RunStateResource = z.infer<typeof runState>;

export const changeSubjects = [
  'run',
  'phase',
  'plan',
  'task',
  'agent',
  'approval',
  'merge',
  'knowledge',
  'budget',
] as const;

/** Something that is different at the second moment, or happened between the two. */
export const runChange = z.strictObject({
  subject: z.enum(changeSubjects),
  /** Of the task, agent, approval, node; of a phase its name, of a merge its commit. */
  id: z.string(),
  /** In the domain's words: `added`, `begun`, `completed`, `spent` … */
  change: z.string(),
  sentence: z.string(),
  /** What it was, as far as it changed; null where it was not there. */
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  /** Of the last event that brought it about. */
  position: z.string(),
});
export type RunChange = z.infer<typeof runChange>;

export const runDiff = z.strictObject({
  runId: z.string(),
  /** Of the last events that are in the two states. */
  from: z.string(),
  to: z.string(),
  changes: z.array(runChange),
});
