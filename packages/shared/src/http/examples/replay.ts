import type { Examples } from './example.ts';
import { ids, of, positions } from './samples.ts';

const params = of(ids.run);
const hash = '9c1185a5c5e9fc54612808977ee8f548b2258d31ddadef707ba62c166051b9e3';

const count = (category: string, streams: number, events: number, outcomes = 0) => ({
  category,
  streams,
  events,
  decisions: events - outcomes,
  outcomes,
  taken: 0,
});
const decisions = [count('run', 1, 88)];
const planning = [count('plan', 1, 13, 3)];
const agents = [count('agent', 14, 513, 190), count('merge', 1, 39)];

const part = (counts: readonly ReturnType<typeof count>[]) => ({
  run: ids.run,
  counts: [...counts],
  divergences: 0,
  divergence: null,
  hash,
  from: '2026-03-02T08:15:02.000Z',
  to: '2026-03-02T08:41:12.402Z',
});

/** Of a run that was decided by a program that tried three times, played again by one that tries twice. */
const retriedLess = {
  stream: `run-${ids.run}`,
  revision: 61,
  position: positions.earlier,
  time: '2026-03-02T08:41:12.402Z',
  recorded: {
    type: 'task.attempt_failed',
    data: { taskId: ids.task, attemptId: `${ids.task}.a2`, retryAt: '2026-03-02T08:41:16.402Z' },
  },
  decided: { type: 'task.failed', data: { taskId: ids.task, attemptId: `${ids.task}.a2` } },
  refusal: null,
  input: {
    kind: 'event' as const,
    stream: `agent-${ids.task}.a2`,
    revision: 37,
    position: positions.earlier,
    type: 'agent.finished',
    data: { outcome: 'failed', taskId: ids.task },
  },
};

export const replayExamples = {
  replayRun: {
    params,
    result: {
      run: ids.run,
      position: positions.now,
      events: 653,
      decisions: 460,
      outcomes: 193,
      taken: 0,
      agrees: false,
      divergences: 1,
      divergence: retriedLess,
      recordedMs: 1_570_402,
      replayMs: 391,
      speed: 4_016.4,
      hash,
      counts: [...decisions, ...planning, ...agents],
    },
  },
  replayRunDecisions: { params, query: { until: positions.now }, result: part(decisions) },
  replayRunPlanning: { params, query: { until: positions.now }, result: part(planning) },
  replayRunAgents: { params, query: { until: positions.now }, result: part(agents) },
} satisfies Examples;
