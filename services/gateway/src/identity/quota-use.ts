import type { EventStore } from '@partitura/shared/event-store';
import type { CallContext } from '@partitura/shared/http';
import type { CallInput, OperationCaller } from '../operation-caller.ts';
import type { Quota } from './quota-ledger.ts';

/** Runs that have not ended; one that is paused may go on at any time. */
export const liveStatuses = ['queued', 'running', 'paused'] as const;
/** What is paused may have gone on since those that run were read. */
const readInTurn = [...liveStatuses, 'running'] as const;
const pageSize = 500;

/**
 * What an organisation has of what a quota counts, by id, in the read models as of the end of the log. It asks through operations, so
 * that it works the same in one process and in several.
 */
export const existing = async (
  others: OperationCaller,
  store: EventStore,
  quota: Quota,
  context: CallContext,
): Promise<ReadonlySet<string>> => {
  const head = await store.head();
  const asOfNow = { limit: pageSize, ...(head === '' ? {} : { after: head }) };
  const found = new Set<string>();
  const read = async (name: 'listProjects' | 'listRuns', query: object): Promise<void> => {
    let next: object | null = query;
    while (next) {
      const asked: CallInput = { params: {}, query: { ...asOfNow, ...next }, body: null };
      const page = await others.call(name, asked, context);
      for (const id of countedIn(page)) found.add(id);
      const cursor = field(page, 'nextCursor');
      next = cursor ? { ...query, cursor } : null;
    }
  };

  if (quota === 'maxProjects') await read('listProjects', {});
  else for (const status of readInTurn) await read('listRuns', { status });
  return found;
};

/** What is archived is there, and uses nothing. */
const countedIn = (page: unknown): readonly string[] =>
  itemsIn(page)
    .filter((item) => field(item, 'status') !== 'archived')
    .map((item) => String(field(item, 'id')));

export const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

const itemsIn = (page: unknown): readonly unknown[] => {
  const items = field(page, 'items');
  return Array.isArray(items) ? items : [];
};
