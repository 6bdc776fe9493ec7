import type { Examples } from './example.ts';
import { ids } from './samples.ts';

const since = '2026-10-01T00:00:00.000Z';
const until = '2026-11-01T00:00:00.000Z';
const lastMonth = { since: '2026-10-01', until: '2026-11-01' };
const asked = { since, until, nextCursor: null };
const durations = { p50: 84_000, p95: 410_000 };

const costs = {
  calls: 412,
  failedCalls: 3,
  inputTokens: 1_204_331,
  outputTokens: 188_020,
  cacheReadTokens: 5_400_120,
  cacheWriteTokens: 310_400,
  costUsd: 31.42,
  knownCostUsd: 31.42,
  unpricedCalls: 0,
  rehearsalCalls: 0,
};
const throughput = {
  tasks: { completed: 41, deadLettered: 1, cancelled: 0, open: 2 },
  attempts: 52,
  retries: 8,
  failedAttempts: 9,
  merged: 41,
  taskDurationMs: durations,
  runs: { completed: 4, failed: 1, cancelled: 0, stopped: 0, open: 1 },
  runDurationMs: { p50: 1_240_000, p95: 2_010_000 },
};
const agents = {
  attempts: 52,
  succeeded: 41,
  failed: 9,
  cancelled: 0,
  open: 2,
  successRate: 0.82,
  retries: 8,
  crashes: 1,
  turns: 380,
  toolCalls: 911,
  toolFailures: 37,
  durationMs: durations,
};
const quality = {
  gates: { passed: 18, failed: 2, warned: 4, passRate: 0.75 },
  checks: { attempts: 50, passedFirstTime: 36, firstTimeRate: 0.72 },
  findings: { critical: 0, high: 2, medium: 7, low: 19 },
  deadLetters: 1,
  conflicts: 3,
  mergeRejections: 1,
  knowledge: { attempts: 30, nodesUsed: 22, nodesAvailable: 40, reuseRate: 0.55 },
};
const parallelism = {
  runs: 5,
  maxAgents: 7,
  meanAgents: 3.4,
  busyMs: 5_900_000,
  agentMs: 20_060_000,
  utilisation: 0.61,
  criticalPath: {
    runs: 4,
    estimatedMs: 4_100_000,
    actualMs: 4_650_000,
    ratio: 1.134,
    withinP90: 0.75,
  },
};
const project = { project: ids.project };

/** What last month was like. */
export const analyticsExamples = {
  getCosts: {
    query: { ...lastMonth, groupBy: 'model,project' },
    result: {
      ...asked,
      groupBy: ['model', 'project'],
      items: [{ ...project, model: 'anthropic/claude-opus-5-5', ...costs }],
      totals: costs,
    },
  },
  getThroughput: {
    query: { ...lastMonth, groupBy: 'project' },
    result: { ...asked, groupBy: ['project'], items: [{ ...project, ...throughput }], totals: throughput },
  },
  getAgentFigures: {
    query: { ...lastMonth, groupBy: 'agentType' },
    result: {
      ...asked,
      groupBy: ['agentType'],
      items: [{ agentType: 'eng-backend', ...agents }],
      totals: agents,
    },
  },
  getQuality: {
    query: { ...lastMonth, groupBy: 'project' },
    result: { ...asked, groupBy: ['project'], items: [{ ...project, ...quality }], totals: quality },
  },
  getParallelism: {
    query: { projectId: ids.project, groupBy: 'project' },
    result: {
      ...asked,
      since: null,
      until: null,
      groupBy: ['project'],
      items: [{ ...project, ...parallelism }],
      totals: parallelism,
    },
  },
} satisfies Examples;
