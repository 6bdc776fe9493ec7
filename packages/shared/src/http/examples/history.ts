import type { Examples } from './example.ts';
import { event, ids, of, pageOf, positions } from './samples.ts';

export const historyExamples = {
  getProjectHistory: {
    params: of(ids.project),
    query: { order: 'descending', type: 'run.paused,run.resumed', since: '2026-03-02T08:00:00Z' },
    result: pageOf(event),
  },
  getRunHistory: {
    params: of(ids.run),
    query: { type: 'run.paused', from: positions.earlier },
    result: pageOf(event),
  },
  getTaskHistory: { params: of(ids.task), query: { actor: 'user:ada' }, result: pageOf(event) },
  getAgentHistory: { params: of(ids.agent), query: { limit: 100 }, result: pageOf(event) },
} satisfies Examples;
