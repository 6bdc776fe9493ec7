import { z } from 'zod';

/** What figures can be told apart by. */
export const analyticsDimensions = [
  'organization',
  'project',
  'run',
  'phase',
  'agentType',
  'model',
  'day',
  'month',
] as const;
export type AnalyticsDimension = (typeof analyticsDimensions)[number];

/** Those that were asked for, and no others; null where it is not known, or where the figure has none of the kind. */
export const groupFields = {
  organization: z.string().nullable().optional(),
  project: z.string().nullable().optional(),
  run: z.string().nullable().optional(),
  phase: z.string().nullable().optional(),
  agentType: z.string().nullable().optional(),
  model: z.string().nullable().optional(),
  day: z.string().nullable().optional(),
  month: z.string().nullable().optional(),
};

/** Null where there was nothing to divide by. */
const rate = z.number().min(0).max(1).nullable();
/** Milliseconds, exact: nearest rank over every duration of the group. Null for none. */
const milliseconds = z.number().nonnegative().nullable();
const durations = z.strictObject({ p50: milliseconds, p95: milliseconds });
const count = z.int().nonnegative();

export const costFigures = z.strictObject({
  calls: count.describe('To models, answered or not.'),
  failedCalls: count,
  inputTokens: count.describe('Without those that were read from a cache or written to one.'),
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
  costUsd: z
    .number()
    .nullable()
    .describe('Null as soon as the price of one of the calls is not known: see knownCostUsd.'),
  knownCostUsd: z.number().describe('Of the calls whose price is known.'),
  unpricedCalls: count.describe('Spent tokens of a model whose price is not known.'),
  rehearsalCalls: count.describe('Made without a model: they cost nothing and say nothing of cost.'),
});

export const throughputFigures = z.strictObject({
  tasks: z.strictObject({
    completed: count,
    deadLettered: count,
    cancelled: count,
    open: count.describe('Begun in the time that was asked about, and not ended.'),
  }),
  attempts: count,
  retries: count.describe('Attempts beyond the first of each task.'),
  failedAttempts: count,
  merged: count,
  taskDurationMs: durations.describe('From the first agent’s beginning to the end, of completed tasks.'),
  runs: z.strictObject({ completed: count, failed: count, cancelled: count, stopped: count, open: count }),
  runDurationMs: durations.describe('From its start to its end, of completed runs.'),
});

export const agentFigures = z.strictObject({
  attempts: count,
  succeeded: count,
  failed: count,
  cancelled: count,
  open: count,
  successRate: rate.describe('Of those that succeeded or failed.'),
  retries: count.describe('Attempts that were not the first of their task.'),
  crashes: count,
  turns: count.describe('Answers of models.'),
  toolCalls: count,
  toolFailures: count,
  durationMs: durations.describe('Of ended attempts, without the time in which nobody had them.'),
});

export const severities = z.strictObject({ critical: count, high: count, medium: count, low: count });

export const qualityFigures = z.strictObject({
  gates: z.strictObject({ passed: count, failed: count, warned: count, passRate: rate }),
  checks: z.strictObject({
    attempts: count.describe('Whose checks were run at all.'),
    passedFirstTime: count,
    firstTimeRate: rate,
  }),
  findings: severities.describe('Of gates, and of the work that was taken.'),
  deadLetters: count,
  conflicts: count,
  mergeRejections: count.describe('Merged, and the checks failed after it.'),
  knowledge: z.strictObject({
    attempts: count.describe('That were given something that was known.'),
    nodesUsed: count.describe('Different pieces that were put into a context.'),
    nodesAvailable: count
      .nullable()
      .describe(
        'That stood at the end of the time, in the projects of the group; null where it is grouped finer.',
      ),
    reuseRate: rate,
  }),
});

export const parallelismFigures = z.strictObject({
  runs: count,
  maxAgents: count.describe('At work at once, at the most; of all runs of the group together.'),
  meanAgents: z
    .number()
    .nonnegative()
    .nullable()
    .describe('Weighted by time, while at least one was at work.'),
  busyMs: z.number().nonnegative().describe('In which at least one was at work.'),
  agentMs: z.number().nonnegative().describe('Of all agents together.'),
  utilisation: rate.describe(
    'Of the agents that the runs were allowed, from their first to their last work.',
  ),
  criticalPath: z.strictObject({
    runs: count.describe('Completed, with an estimate.'),
    estimatedMs: milliseconds,
    actualMs: milliseconds.describe('The longest way through the tasks as they really took.'),
    ratio: z.number().nonnegative().nullable().describe('Actual to estimated: above 1 took longer.'),
    withinP90: rate.describe('Runs that ended within the ninth decile that was foretold.'),
  }),
});

const answerOf = <Shape extends z.core.$ZodShape>(figures: z.ZodObject<Shape, z.core.$strict>) =>
  z.strictObject({
    since: z.iso.datetime().nullable(),
    until: z.iso.datetime().nullable(),
    groupBy: z.array(z.enum(analyticsDimensions)),
    items: z.array(z.strictObject({ ...groupFields, ...figures.shape })),
    totals: figures,
    nextCursor: z.string().nullable(),
  });

export const costsAnswer = answerOf(costFigures);
export const throughputAnswer = answerOf(throughputFigures);
export const agentsAnswer = answerOf(agentFigures);
export const qualityAnswer = answerOf(qualityFigures);
export const parallelismAnswer = answerOf(parallelismFigures);

export type CostFigures = z.infer<typeof costFigures>;
export type ThroughputFigures = z.infer<typeof throughputFigures>;
export type AgentFigures = z.infer<typeof agentFigures>;
export type QualityFigures = z.infer<typeof qualityFigures>;
export type ParallelismFigures = z.infer<typeof parallelismFigures>;
