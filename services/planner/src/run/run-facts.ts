import {
  type Amount,
  type EventMetadata,
  type Ownership,
  ownershipIn,
  type RunConfiguration,
  type RunEvent,
} from '@partitura/shared/events';

/** What a planner has to know of its run, folded from `run-<run>`. It reads that stream and never writes to it. */
export interface RunFacts {
  readonly owner: Ownership;
  readonly projectId: string | null;
  readonly configuration: RunConfiguration | null;
  readonly phase: { readonly id: string; readonly visit: number; readonly act: string } | null;
  readonly paused: boolean;
  readonly ended: boolean;
  /** What planning may spend in this phase; null is no limit. */
  readonly held: Amount | null;
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
  allowances: new Map(),
});

/** The holder of budget that a planner is, in the run's ledger. */
const planHolder = 'plan';

/** Types that change what `evolveRunFacts` says: what to be woken for. */
export const factTypes = [
  'run.created',
  'phase.entered',
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
    case 'phase.entered': {
      const { phase, visit, act, reservation } = event.data;
      return { ...facts, phase: { id: phase, visit, act }, held: reservation };
    }
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
      return facts;
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
