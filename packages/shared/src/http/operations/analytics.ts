import { z } from 'zod';
import * as answers from '../analytics-resources.ts';
import { query, reading } from './shapes.ts';

/** A day is its midnight in UTC. */
const moment = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

const dimensions = new Set<string>(answers.analyticsDimensions);

const filters = {
  ...reading,
  since: moment.optional().describe('Inclusive: a date, which is its midnight in UTC, or a time.'),
  until: moment.optional().describe('Exclusive.'),
  projectId: z.string().min(1).max(200).optional(),
  runId: z.string().min(1).max(200).optional(),
  model: z.string().min(1).max(200).optional(),
  agentType: z.string().min(1).max(200).optional(),
  phase: z.string().min(1).max(200).optional(),
  workflow: z.string().min(1).max(200).optional(),
  groupBy: z
    .string()
    .max(200)
    .refine((text) => text.split(',').every((one) => dimensions.has(one)), {
      message: `has to be some of ${answers.analyticsDimensions.join(', ')}, with commas between them`,
    })
    .optional()
    .describe(`Some of ${answers.analyticsDimensions.join(', ')}, with commas between them.`),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().optional(),
};
export const analyticsQuery = z.strictObject(filters);
export type AnalyticsQuery = z.infer<typeof analyticsQuery>;

const analysis = <Result extends z.ZodType>(name: string, summary: string, result: Result) =>
  query(`/analytics/${name}`, summary, analyticsQuery, result);

/** What it costs and how well it goes, counted from facts that the read models keep: no question reads the log. */
export const analyticsOperations = {
  getCosts: analysis('costs', 'Calls, tokens and money.', answers.costsAnswer),
  getThroughput: analysis('throughput', 'Tasks and runs, and how long they took.', answers.throughputAnswer),
  getAgentFigures: analysis('agents', 'Attempts, and what came of them.', answers.agentsAnswer),
  getQuality: analysis('quality', 'Gates, checks, findings, conflicts and reuse.', answers.qualityAnswer),
  getParallelism: analysis(
    'parallelism',
    'Agents at once, and the critical path as foretold and as it was.',
    answers.parallelismAnswer,
  ),
};
