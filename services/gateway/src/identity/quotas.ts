import type { EventStore } from '@partitura/shared/event-store';
import { defaultOrganization, type OrganizationId, type Quotas } from '@partitura/shared/events';
import type { CallContext, OperationName } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { CallInput, OperationCaller } from '../operation-caller.ts';
import type { Organizations } from './organizations.ts';

type Quota = Exclude<keyof Quotas, 'requestsPerMinute'>;

/** What makes one more of something. */
export const creating: Readonly<Record<string, Quota | undefined>> = {
  createProject: 'maxProjects',
  cloneProject: 'maxProjects',
  startRun: 'maxConcurrentRuns',
  forkRun: 'maxConcurrentRuns',
};

/** What makes one more when the run it is about has ended. */
const reopening: ReadonlySet<string> = new Set(['retryRun', 'retryTask', 'approveTask']);

/** Runs that have not ended; one that is paused may go on at any time. */
const liveStatuses = ['queued', 'running', 'paused'] as const;
const pageSize = 500;

/**
 * Looks, before a project or a run is made, whether the organisation may have one more, in the read models as of the end of the log.
 * It asks through operations, so that it works the same in one process and in several; what cannot be counted is not made.
 *
 * In this server one is made after the other, so none slips through. Two servers may look in the same moment: then there is one
 * more than the quota for each server beside the first. Closing that takes a reservation in the organisation's stream, with its
 * own recovery after crashes; the quota is there against runaway use, not as a bill.
 */
export const withQuotas = (
  others: OperationCaller,
  organizations: Organizations,
  store: EventStore,
): OperationCaller => {
  const turns = new Map<OrganizationId, Promise<unknown>>();

  const inTurn = async <Result>(id: OrganizationId, work: () => Promise<Result>): Promise<Result> => {
    const turn = (turns.get(id) ?? Promise.resolve()).then(work, work);
    const settled = turn.then(nothing, nothing);
    turns.set(id, settled);
    try {
      return await turn;
    } finally {
      if (turns.get(id) === settled) turns.delete(id);
    }
  };

  /** How many there are, as far as it matters. */
  const count = async (
    name: 'listProjects' | 'listRuns',
    query: object,
    context: CallContext,
    matters: { readonly most: number; readonly counts: (item: unknown) => boolean },
  ): Promise<number> => {
    const after = await store.head();
    let found = 0;
    let cursor: string | null | undefined;
    while (cursor !== null && found < matters.most) {
      const asked = {
        ...query,
        limit: pageSize,
        ...(after === '' ? {} : { after }),
        ...(cursor ? { cursor } : {}),
      };
      const page = pageIn(await others.call(name, { params: {}, query: asked, body: null }, context));
      found += page.items.filter(matters.counts).length;
      cursor = page.nextCursor;
    }
    return found;
  };

  const countOf = async (quota: Quota, most: number, context: CallContext): Promise<number> => {
    if (quota === 'maxProjects')
      return count('listProjects', {}, context, {
        most,
        counts: (item) => field(item, 'status') !== 'archived',
      });
    let live = 0;
    for (const status of liveStatuses)
      live += await count('listRuns', { status }, context, { most: most - live, counts: () => true });
    return live;
  };

  const quotaFor = async (
    name: OperationName,
    input: CallInput,
    context: CallContext,
  ): Promise<Quota | null> => {
    const quota = creating[name];
    if (quota !== undefined) return quota;
    if (!reopening.has(name)) return null;
    const id = String(field(input.params, 'id')).split('.', 1)[0];
    const run = await others.call('getRun', { params: { id }, query: {}, body: null }, context);
    return liveStatuses.some((status) => status === field(run, 'status')) ? null : 'maxConcurrentRuns';
  };

  const call: OperationCaller['call'] = async (name, input, context) => {
    if (creating[name] === undefined && !reopening.has(name)) return others.call(name, input, context);
    const organizationId = context.organizationId ?? defaultOrganization;
    const quotas = (await organizations.recent(organizationId))?.quotas;
    if (!quotas || (quotas.maxProjects === null && quotas.maxConcurrentRuns === null))
      return others.call(name, input, context);
    return inTurn(organizationId, async () => {
      const quota = await quotaFor(name, input, context);
      const most = quota && quotas[quota];
      if (quota !== null && most !== null) {
        const used = await countOf(quota, most, { ...context, organizationId, expectedRevision: null });
        if (used >= most) throw exceeded(quota, most, organizationId);
      }
      return others.call(name, input, context);
    });
  };
  return { call };
};

const nothing = (): void => undefined;

const exceeded = (quota: Quota, most: number, id: OrganizationId): PartituraError =>
  new PartituraError('QUOTA_EXCEEDED', `The quota ${quota} of "${id}" is ${most}, and so many there are.`, {
    advice:
      quota === 'maxProjects'
        ? 'Archive or remove a project, or ask for a larger quota.'
        : 'Wait until a run ends, cancel one, or ask for a larger quota.',
  });

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

const pageIn = (
  page: unknown,
): { readonly items: readonly unknown[]; readonly nextCursor: string | null } => {
  const [items, nextCursor] = [field(page, 'items'), field(page, 'nextCursor')];
  return {
    items: Array.isArray(items) ? items : [],
    nextCursor: typeof nextCursor === 'string' ? nextCursor : null,
  };
};
