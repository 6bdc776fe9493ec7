import type { OperationHandlers, RunStateResource } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { notFound, type Readers } from '../queries/readers.ts';
import { showRun } from '../queries/show-run.ts';
import { changesBetween } from './diff.ts';
import { liveState } from './live-moment.ts';
import { presentState } from './present-moment.ts';
import type { Moments, RunStateAt } from './state-at.ts';

type Answered = 'getRunState' | 'getRunDiff';

/** Of its first event. */
const beginningOf = async (readers: Readers, runId: string): Promise<string> => {
  const query = { where: { runId, type: 'run.created' }, limit: 1 };
  const [first] = (await readers.list('history', query)).items;
  if (first) return first.position;
  throw notFound('run', runId);
};

/** What is different later did not become undone before: the other way round nothing could be told of it. */
const requireOrder = (from: RunStateAt, to: RunStateAt): void => {
  if (from.position <= to.position) return;
  throw new PartituraError('BAD_RANGE', `${from.position} comes after ${to.position}.`, {
    advice: 'Give the earlier moment as `from`.',
  });
};

export const momentQueries = (readers: Readers, moments: Moments): Pick<OperationHandlers, Answered> => {
  const stateOf = (id: string, at: string | undefined): Promise<RunStateAt> =>
    at === undefined ? liveState(readers, id) : moments.stateAt(id, at);
  const present = async (state: RunStateAt): Promise<RunStateResource> =>
    presentState(state, await showRun(readers, state.run));
  return {
    getRunState: async ({ params: { id }, query: { after, at } }) => {
      await readers.upTo(after);
      await readers.one('runs', id);
      return present(await stateOf(id, at));
    },
    getRunDiff: async ({ params: { id }, query: { after, from, to } }) => {
      await readers.upTo(after);
      await readers.one('runs', id);
      const was = await stateOf(id, from ?? (await beginningOf(readers, id)));
      const is = await stateOf(id, to);
      requireOrder(was, is);
      const changes = await changesBetween(readers, await present(was), await present(is));
      return { runId: id, from: was.position, to: is.position, changes };
    },
  };
};
