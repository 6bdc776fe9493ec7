import type { OperationHandlers } from '@partitura/shared/http';
import { presentAgent } from '../agents/agents.ts';
import { oldestFirst } from '../queries/asking.ts';
import type { Readers } from '../queries/readers.ts';
import { showRun } from '../queries/show-run.ts';
import { presentTask } from '../tasks/tasks.ts';
import { type RunStateAt, stateAt } from './state-at.ts';

const liveState = async (readers: Readers, runId: string): Promise<RunStateAt> => {
  const run = await readers.one('runs', runId);
  const where = { runId };
  const tasks = (
    await Array.fromAsync(readers.pages('tasks', { where, sort: oldestFirst('addedAt') }))
  ).flat();
  const agents = (
    await Array.fromAsync(readers.pages('agents', { where, sort: oldestFirst('spawnedAt') }))
  ).flat();
  const position = [run, ...tasks, ...agents].reduce(
    (last, one) => (one.position > last ? one.position : last),
    '',
  );
  return { position, run, tasks, agents };
};

export const momentQueries = (readers: Readers): Pick<OperationHandlers, 'getRunState'> => ({
  getRunState: async ({ params: { id }, query: { after, at } }) => {
    await readers.upTo(after);
    await readers.one('runs', id);
    const state = await (at === undefined ? liveState(readers, id) : stateAt(readers, id, at));
    return {
      position: state.position,
      run: await showRun(readers, state.run),
      tasks: state.tasks.map(presentTask),
      agents: state.agents.map(presentAgent),
    };
  },
});
