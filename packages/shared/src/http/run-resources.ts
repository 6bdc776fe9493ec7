import { z } from 'zod';
import { agentStatuses, taskStatuses } from './resources.ts';

/** What the API shows of a run beside the run itself. */

const time = z.iso.datetime();

/** An agent's span in the lane of its task. */
export const timelineSpan = z.strictObject({
  agentId: z.string(),
  attempt: z.int(),
  type: z.string(),
  model: z.string(),
  status: z.enum(agentStatuses),
  startedAt: time,
  endedAt: time.nullable(),
});
export const timelineLane = z.strictObject({
  taskId: z.string(),
  key: z.string(),
  title: z.string(),
  kind: z.string(),
  phase: z.string(),
  status: z.enum(taskStatuses),
  dependsOn: z.array(z.string()),
  startedAt: time.nullable(),
  /** Null while it may go on. */
  endedAt: time.nullable(),
  agents: z.array(timelineSpan),
});
export type TimelineLane = z.infer<typeof timelineLane>;

/** How one task's work was found to hold. */
export const verifiedTask = z.strictObject({
  taskId: z.string(),
  key: z.string(),
  title: z.string(),
  status: z.enum(taskStatuses),
  /** Merged. */
  commit: z.string().nullable(),
  /** By its agent's checks and criteria, by a person who took it as it was, or not. */
  verifiedBy: z.enum(['checks', 'operator']).nullable(),
  agentId: z.string().nullable(),
  /** Who took it as it was. */
  approvedBy: z.string().nullable(),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      command: z.string(),
      outcome: z.enum(['passed', 'failed', 'unavailable']),
      passed: z.int().nullable(),
      failed: z.int().nullable(),
      artifactId: z.string().nullable(),
    }),
  ),
  criteria: z.array(z.strictObject({ criterion: z.string(), met: z.boolean(), evidence: z.string() })),
  gates: z.array(z.strictObject({ gate: z.string(), verdict: z.enum(['passed', 'failed', 'warned']) })),
});
export type VerifiedTask = z.infer<typeof verifiedTask>;
export const verificationResource = z.strictObject({
  runId: z.string(),
  requirements: z.array(
    z.strictObject({
      id: z.string(),
      sourceId: z.string().nullable(),
      text: z.string(),
      line: z.int(),
      /** All that serves it is done, and something does. */
      met: z.boolean(),
      /** Whoever forked the run dropped all that serves it. */
      dropped: z.boolean().optional(),
      taskIds: z.array(z.string()),
    }),
  ),
  /** Those that serve a requirement, each once. */
  tasks: z.array(verifiedTask),
  position: z.string(),
});
