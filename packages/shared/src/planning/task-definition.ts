import { z } from 'zod';

export const taskKinds = ['epic', 'story', 'task', 'subtask', 'fix', 'conflict', 'review'] as const;

/** Fibonacci, as teams estimate: 1 is an hour's work for a person, 13 ought to be split. */
export const complexities = [1, 2, 3, 5, 8, 13] as const;

/**
 * One piece of work as planned. `key` is unique in its plan (`T4`); dependencies and parents name keys.
 * Epics and stories group; they are never given to an agent (`isWork`).
 */
export const taskDefinition = z.strictObject({
  key: z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,15}$/),
  parentKey: z.string().nullable(),
  kind: z.enum(taskKinds),
  title: z.string().min(1).max(200),
  description: z.string(),
  /** One of the agent types (`agents`). */
  agentType: z.string(),
  /** 0 is the most urgent. */
  priority: z.int().min(0).max(9),
  complexity: z.union(complexities.map((points) => z.literal(points))),
  estimatedTokens: z.int().nonnegative(),
  dependsOn: z.array(z.string()),
  acceptanceCriteria: z.array(z.string()),
  /** Requirements of the plan that this task serves, for example `R3`. */
  requirementIds: z.array(z.string()),
});
export type TaskDefinition = z.infer<typeof taskDefinition>;

/** True for what an agent works on, false for what only groups. */
export const isWork = (task: Pick<TaskDefinition, 'kind'>): boolean =>
  task.kind !== 'epic' && task.kind !== 'story';
