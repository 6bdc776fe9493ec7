import {
  type Amount,
  type BlobReference,
  type DocumentReference,
  type EventMetadata,
  type ForkedRun,
  noUsage,
  type Ownership,
  ownershipIn,
  type RunConfiguration,
  type RunEvent,
  tokensOf,
} from '@partitura/shared/events';

/** What a planner has to know of its run, folded from `run-<run>`. It reads that stream and never writes to it. */
/** What a task of the run has come to, as far as a plan that is to be changed has to know. */
export type Progress = 'open' | 'finished' | 'cancelled';

export interface RunFacts {
  readonly owner: Ownership;
  readonly projectId: string | null;
  readonly configuration: RunConfiguration | null;
  readonly phase: { readonly id: string; readonly visit: number; readonly act: string } | null;
  readonly paused: boolean;
  readonly ended: boolean;
  /** What planning may spend in this phase; null is no limit. */
  readonly held: Amount | null;
  /** The plan that was accepted. */
  readonly plan: BlobReference | null;
  /** The re-planning that the planner is asked for. */
  readonly replan: { readonly number: number; readonly prd: DocumentReference } | null;
  /** By key. Changed in place: a copy per event would be quadratic. */
  readonly tasks: Map<string, Progress>;
  /** What became of requests for more. A no lapses when the run is resumed: somebody may have made room. */
  readonly allowances: ReadonlyMap<string, 'reserved' | 'denied' | 'lapsed'>;
}

export const initialRunFacts = (): RunFacts => ({
  owner: {},
  projectId: null,
  configuration: null,
  phase: null,
  paused: false,
  ended: false,
  held: null,
  plan: null,
  replan: null,
  tasks: new Map(),
  allowances: new Map(),
});

/** The holder of budget that a planner is, in the run's ledger. */
const planHolder = 'plan';

/** Types that change what `evolveRunFacts` says: what to be woken for. */
export const factTypes = [
  'run.created',
  'phase.entered',
  'run.replan_started',
  'run.replanned',
  'run.replan_failed',
  'run.paused',
  'run.resumed',
  'run.completed',
  'run.failed',
  'run.cancelled',
  'run.stopped',
  'budget.reserved',
  'budget.denied',
] as const satisfies readonly RunEvent['type'][];

export const evolveRunFacts = (facts: RunFacts, event: RunEvent, metadata: EventMetadata): RunFacts => {
  switch (event.type) {
    case 'run.created': {
      const { projectId, configuration } = event.data;
      return { ...facts, owner: ownershipIn(metadata), projectId, configuration };
    }
    case 'run.forked':
      return fork(facts, event.data);
    case 'phase.entered': {
      const { phase, visit, act, reservation } = event.data;
      return { ...facts, phase: { id: phase, visit, act }, held: reservation };
    }
    case 'plan.accepted':
      return { ...facts, plan: event.data.plan };
    case 'run.replan_started': {
      const { number, prd, reservation } = event.data;
      return { ...facts, replan: { number, prd }, held: reservation };
    }
    case 'run.replanned':
      return {
        ...facts,
        configuration:
          facts.configuration && facts.replan
            ? { ...facts.configuration, prd: facts.replan.prd }
            : facts.configuration,
        replan: null,
      };
    case 'run.replan_failed':
      return { ...facts, replan: null };
    case 'run.paused':
      return { ...facts, paused: true };
    case 'run.resumed':
      return { ...facts, paused: false, allowances: lapse(facts.allowances) };
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
    case 'run.stopped':
      return { ...facts, ended: true };
    case 'budget.reserved':
      return event.data.holder === planHolder ? reserved(facts, event.data) : facts;
    case 'budget.denied':
      return { ...facts, allowances: new Map(facts.allowances).set(event.data.requestId, 'denied') };
    default:
      noteProgress(facts.tasks, event);
      return facts;
  }
};

/** What was planned by then is paid for; for the next call the run is asked, whose limits are others. */
const fork = (facts: RunFacts, { unsettled }: ForkedRun): RunFacts => {
  const budget = facts.configuration?.budget ?? null;
  const isLimited = budget !== null && (budget.tokens !== null || budget.microUsd !== null);
  const spent = unsettled[planHolder] ?? noUsage;
  return {
    ...facts,
    paused: false,
    ended: false,
    held: isLimited ? { tokens: tokensOf(spent), microUsd: spent.costMicroUsd } : null,
    allowances: lapse(facts.allowances),
  };
};

const keyOf = (taskId: string): string => taskId.slice(taskId.indexOf('.') + 1);

const noteProgress = (tasks: Map<string, Progress>, event: RunEvent): void => {
  switch (event.type) {
    case 'task.added':
    case 'task.attempt_failed':
    case 'task.dead_lettered':
      tasks.set(keyOf(event.data.taskId), 'open');
      return;
    case 'task.submitted':
    case 'task.completed':
      tasks.set(keyOf(event.data.taskId), 'finished');
      return;
    case 'task.cancelled':
      tasks.set(keyOf(event.data.taskId), 'cancelled');
  }
};

const reserved = (
  facts: RunFacts,
  { requestId, amount }: { requestId: string; amount: Amount },
): RunFacts => ({
  ...facts,
  allowances: new Map(facts.allowances).set(requestId, 'reserved'),
  held: facts.held && {
    tokens: facts.held.tokens + amount.tokens,
    microUsd: facts.held.microUsd + amount.microUsd,
  },
});

const lapse = (allowances: RunFacts['allowances']): RunFacts['allowances'] =>
  new Map([...allowances].map(([id, answer]) => [id, answer === 'denied' ? 'lapsed' : answer]));
