import { oldestFirst } from '../queries/asking.ts';
import type { Documents, Readers } from '../queries/readers.ts';
import type { RunStateAt } from './state-at.ts';

/** The run as it stands: the live documents, put together. */
export const liveState = async (readers: Readers, runId: string): Promise<RunStateAt> => {
  const all = async <Name extends keyof Documents>(name: Name, sortedBy: string) =>
    (await Array.fromAsync(readers.pages(name, { where: { runId }, sort: oldestFirst(sortedBy) }))).flat();
  const run = await readers.one('runs', runId);
  const budget = await readers.one('budgets', runId);
  const tasks = await all('tasks', 'addedAt');
  const agents = await all('agents', 'spawnedAt');
  const approvals = await all('approvals', 'askedAt');
  const discoveries = await all('discoveries', 'addedAt');
  const position = [run, budget, ...tasks, ...agents, ...approvals, ...discoveries].reduce(
    (last, one) => (one.position > last ? one.position : last),
    '',
  );
  return { position, run, budget, tasks, agents, approvals, discoveries };
};
