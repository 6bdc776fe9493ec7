import type { EventStore } from '@partitura/shared/event-store';
import { defaultOrganization, type OrganizationId } from '@partitura/shared/events';
import type { CallContext, OperationName } from '@partitura/shared/http';
import { idFrom } from '@partitura/shared/processing';
import { type Clock, type Ids, type Logger, PartituraError } from '@partitura/shared/runtime';
import { knownError, statusOf } from '../errors.ts';
import type { CallInput, OperationCaller } from '../operation-caller.ts';
import type { Organizations } from './organizations.ts';
import { type Quota, quotaLedger, type Reservation } from './quota-ledger.ts';
import { existing, field, liveStatuses } from './quota-use.ts';

interface Making {
  readonly quota: Quota;
  /** Of the ids of what is made: each is made from the command's. */
  readonly prefix: string;
}

const aProject: Making = { quota: 'maxProjects', prefix: 'p' };
const aRun: Making = { quota: 'maxConcurrentRuns', prefix: 'r' };

/** What makes one more of something. */
export const creating: Readonly<Record<string, Making | undefined>> = {
  createProject: aProject,
  cloneProject: aProject,
  startRun: aRun,
  forkRun: aRun,
};

/** What makes one more when the run it is about has ended. */
const reopening: ReadonlySet<string> = new Set(['retryRun', 'retryTask', 'approveTask', 'rejectTask']);

/** What is rejected without being done again opens nothing. */
const concerns = (name: OperationName, { body }: CallInput): boolean =>
  creating[name] !== undefined ||
  (reopening.has(name) && (name !== 'rejectTask' || field(body, 'redo') === true));

export interface QuotaOptions {
  readonly organizations: Organizations;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Milliseconds to wait for what others are about to make before it counts as made. Default 5 s. */
  readonly patienceMs?: number | undefined;
}

const lookAgainMs = 100;

/**
 * Before a project or a run is made, holds a place for it among as many as the organisation may have, in the log: however many
 * gateways look at the same moment, none slips through; see decision 0013. What cannot be counted is not made.
 */
export const withQuotas = (others: OperationCaller, options: QuotaOptions): OperationCaller => {
  const { organizations, store, clock, logger, patienceMs = 5_000 } = options;
  const ledger = quotaLedger(options);
  const inTurn = turns();

  const wantedBy = async (
    name: OperationName,
    input: CallInput,
    context: CallContext,
    organizationId: OrganizationId,
  ): Promise<Reservation | null> => {
    const made = creating[name];
    if (made) return { organizationId, quota: made.quota, id: idFrom(made.prefix, context.commandId) };
    const id = String(field(input.params, 'id')).split('.', 1)[0] ?? '';
    const run = await others.call('getRun', { params: { id }, query: {}, body: null }, context);
    if (liveStatuses.some((status) => status === field(run, 'status'))) return null;
    return { organizationId, quota: aRun.quota, id };
  };

  /** What is not settled counts for a while although nothing may come of it. */
  const settle = async (held: Reservation, context: CallContext): Promise<void> => {
    await inTurn(held.organizationId, () => ledger.settle(held, context)).catch((error: unknown) => {
      logger.warn({ error, ...held }, 'a place under a quota was not given back yet');
    });
  };

  /** A refusal says that nothing was made. Of anything else nobody knows: it may be made yet. */
  const within = async (
    held: Reservation,
    context: CallContext,
    work: () => Promise<unknown>,
  ): Promise<unknown> => {
    try {
      const answer = await work();
      await settle(held, context);
      return answer;
    } catch (error) {
      const known = knownError(error);
      if (known && statusOf(known.code) < 500) await settle(held, context);
      throw error;
    }
  };

  /** False where there is no room, or none was given back for as long as one waits. */
  const reserve = async (wanted: Reservation, most: number, context: CallContext): Promise<boolean> => {
    const count = () => existing(others, store, wanted.quota, context);
    const once = () => ledger.reserve(wanted, most, count, context);
    const until = clock.now() + patienceMs;
    let place = await inTurn(wanted.organizationId, once);
    while (place === 'spoken_for' && clock.now() < until) {
      await clock.sleep(lookAgainMs);
      place = await inTurn(wanted.organizationId, once);
    }
    return place === 'held';
  };

  /** Null: what is asked needs no place. */
  const hold = async (
    name: OperationName,
    input: CallInput,
    context: CallContext & { readonly organizationId: OrganizationId },
  ): Promise<Reservation | null> => {
    const { organizationId } = context;
    const quotas = (await organizations.recent(organizationId))?.quotas;
    if (!quotas || (quotas.maxProjects === null && quotas.maxConcurrentRuns === null)) return null;
    const wanted = await wantedBy(name, input, context, organizationId);
    const most = wanted && quotas[wanted.quota];
    if (wanted === null || most === null) return null;
    if (await reserve(wanted, most, context)) return wanted;
    throw exceeded(wanted.quota, most, organizationId);
  };

  const call: OperationCaller['call'] = async (name, input, context) => {
    const work = (): Promise<unknown> => others.call(name, input, context);
    if (!concerns(name, input)) return work();
    const organizationId = context.organizationId ?? defaultOrganization;
    const reading = { ...context, organizationId, expectedRevision: null };
    const held = await hold(name, input, reading);
    return held === null ? work() : within(held, reading, work);
  };
  return { call };
};

/** One after the other for each organisation: what waits here need not find out from the log that another was faster. */
const turns = () => {
  const last = new Map<OrganizationId, Promise<unknown>>();
  return async <Result>(id: OrganizationId, work: () => Promise<Result>): Promise<Result> => {
    const turn = (last.get(id) ?? Promise.resolve()).then(work, work);
    const settled = turn.then(nothing, nothing);
    last.set(id, settled);
    try {
      return await turn;
    } finally {
      if (last.get(id) === settled) last.delete(id);
    }
  };
};

const nothing = (): void => undefined;

const exceeded = (quota: Quota, most: number, id: OrganizationId): PartituraError =>
  new PartituraError('QUOTA_EXCEEDED', `The quota ${quota} of "${id}" is ${most}, and so many there are.`, {
    advice:
      quota === 'maxProjects'
        ? 'Archive or remove a project, or ask for a larger quota.'
        : 'Wait until a run ends, cancel one, or ask for a larger quota.',
  });
