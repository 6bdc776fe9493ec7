import type { EventStore } from '@partitura/shared/event-store';
import type { CloudEvent, HistoryQuery, OperationHandlers } from '@partitura/shared/http';
import type { Shown } from '../queries/asking.ts';
import type { Readers } from '../queries/readers.ts';
import { type Ancestor, ancestryOf, asCalledIn } from './ancestry.ts';
import { type Filters, filtersOf } from './filters.ts';
import { type Scope, scopeWithin, type Whole } from './scope.ts';
import { pageOfStretches, type Stretch } from './stretches.ts';

type Answered = `get${'Project' | 'Run' | 'Task' | 'Agent'}History`;

const earlier = (left: string | null, right: string | undefined): string | undefined => {
  if (left === null || right === undefined) return left ?? right;
  return left < right ? left : right;
};

const stretchIn = (ancestor: Ancestor, { field, id, runId }: Scope, filters: Filters): Stretch => {
  const to = earlier(ancestor.upTo, filters.between.to);
  return {
    where: { [field]: runId === null ? id : asCalledIn(ancestor, runId, id), ...filters.where },
    between: { ...filters.between, ...(to === undefined ? {} : { to }) },
    within: filters.within,
  };
};

/** A fork's history begins with that of its parent, as it is recorded there: nothing of it is copied. */
const stretchesOf = async (
  readers: Readers,
  scope: Scope,
  filters: Filters,
  order: HistoryQuery['order'],
): Promise<readonly Stretch[]> => {
  const latestFirst =
    scope.runId === null ? [{ runId: '', upTo: null }] : await ancestryOf(readers, scope.runId);
  const ancestors = order === 'descending' ? latestFirst : latestFirst.toReversed();
  const sort = { field: 'id', direction: order };
  return ancestors.map((ancestor) => ({ ...stretchIn(ancestor, scope, filters), sort }));
};

const historyOf = async (
  readers: Readers,
  store: EventStore,
  whole: Whole,
  id: string,
  query: HistoryQuery,
): Promise<Shown<CloudEvent>> => {
  await readers.upTo(query.after);
  const scope = await scopeWithin(readers, whole, id, query);
  const filters = await filtersOf(store, query);
  const stretches = await stretchesOf(readers, scope, filters, query.order);
  const { items, nextCursor } = await pageOfStretches(readers, stretches, query);
  return { items: items.map(({ event }) => event), nextCursor };
};

export const historyQueries = (readers: Readers, store: EventStore): Pick<OperationHandlers, Answered> => {
  const of =
    (whole: Whole) =>
    ({ params: { id }, query }: { params: { id: string }; query: HistoryQuery }) =>
      historyOf(readers, store, whole, id, query);
  return {
    getProjectHistory: of('projects'),
    getRunHistory: of('runs'),
    getTaskHistory: of('tasks'),
    getAgentHistory: of('agents'),
  };
};
