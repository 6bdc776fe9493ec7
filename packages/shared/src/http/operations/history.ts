import { z } from 'zod';
import * as resource from '../resources.ts';
import { pageOf, paging, queryOf } from './shapes.ts';

const time = z.iso.datetime();
const name = z.string().min(1).max(300);

export const historyQuery = z.strictObject({
  ...paging,
  /** By position: `descending` begins with what happened last. A cursor goes on in the direction it was given out in. */
  order: z.enum(['ascending', 'descending']).default('ascending'),
  /** Several are separated by commas. */
  type: z.string().min(1).max(2_000).optional(),
  task: name.optional(),
  agent: name.optional(),
  actor: name.optional(),
  /** Times and positions are inclusive. */
  since: time.optional(),
  until: time.optional(),
  from: z.string().max(200).optional(),
  to: z.string().max(200).optional(),
});
export type HistoryQuery = z.infer<typeof historyQuery>;

const historyOf = (path: `/${string}/:id/history`, summary: string) =>
  queryOf(path, summary, historyQuery, pageOf(resource.cloudEvent));

/** One ordered list over all streams involved. */
export const historyOperations = {
  getProjectHistory: historyOf('/projects/:id/history', 'The events of a project and of all its runs.'),
  getRunHistory: historyOf(
    '/runs/:id/history',
    'The events of a run: its own, its planner’s, its agents’, its merges’. Those of a fork begin with what it was forked from.',
  ),
  getTaskHistory: historyOf('/tasks/:id/history', 'The events of a task, and of the agents that were at it.'),
  getAgentHistory: historyOf('/agents/:id/history', 'The events of an agent, and what was said to it.'),
};
