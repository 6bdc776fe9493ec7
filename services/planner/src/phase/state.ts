import {
  addUsage,
  type BlobReference,
  noUsage,
  type PlanEvent,
  type Problem,
  type Usage,
} from '@partitura/shared/events';
import { replanPhase } from '@partitura/shared/planning';

/** What a model is asked for, in this order. Also the `purpose` of the call and the name of the answer. */
export const purposes = ['requirements', 'architecture', 'tasks', 'replan'] as const;
export type Purpose = (typeof purposes)[number];

type DataOf<Type extends PlanEvent['type']> = Extract<PlanEvent, { type: Type }>['data'];

/** The last call to a model, until what followed from it is recorded. */
export interface OpenCall {
  readonly requested: DataOf<'model.requested'>;
  readonly purpose: Purpose;
  readonly answered: DataOf<'model.answered'> | null;
  readonly failed: DataOf<'model.failed'> | null;
}

export interface Visit {
  readonly phase: string;
  readonly visit: number;
  readonly usage: Usage;
  /** What was known before a re-planning, which is what is known when it fails. */
  readonly before: PlanState['found'] | null;
}

/** A document that was found, and the phase that found it. */
export interface Found {
  readonly content: BlobReference;
  readonly phase: string;
}

/** What was wrong with the last answer, and how often one was sent back. */
export interface Refusal {
  readonly purpose: Purpose;
  readonly repairs: number;
  readonly problems: readonly Problem[];
  /** Null when there was no answer that could be read. */
  readonly answer: DataOf<'model.answered'> | null;
}

/** All that a planner knows of its run, folded from `plan-<run>`: one that was killed goes on from here. */
export interface PlanState {
  /** The phase at work; null between phases. */
  readonly visit: Visit | null;
  /** `phase#visit` of those that are over, well or not. */
  readonly over: ReadonlySet<string>;
  /** Phases that came to a good end: entered again, what they found is found anew. */
  readonly finished: ReadonlySet<string>;
  readonly found: Readonly<Partial<Record<Purpose, Found>>>;
  readonly call: OpenCall | null;
  readonly calls: number;
  readonly refusal: Refusal | null;
  /** Failures in a row that pass by themselves. */
  readonly setbacks: number;
  readonly planRevision: number;
  readonly allowanceRequests: number;
  /** The id of the last request for budget, until the next call is made. */
  readonly allowance: string | null;
}

export const initialPlanState = (): PlanState => ({
  visit: null,
  over: new Set(),
  finished: new Set(),
  found: {},
  call: null,
  calls: 0,
  refusal: null,
  setbacks: 0,
  planRevision: 0,
  allowanceRequests: 0,
  allowance: null,
});

export const visitKey = (phase: string, visit: number): string => `${phase}#${visit}`;

/** Failures that pass: the same call is made again, later. */
const passing: ReadonlySet<string> = new Set([
  'MODEL_RATE_LIMITED',
  'MODEL_OVERLOADED',
  'MODEL_UNAVAILABLE',
  'MODEL_STREAM_CUT',
  'MODEL_ABORTED',
]);
export const passes = (problem: Problem): boolean => passing.has(problem.code);

const purposeOf = (name: string): Purpose => purposes.find((purpose) => purpose === name) ?? 'tasks';

export const evolvePlan = (state: PlanState, event: PlanEvent): PlanState => {
  switch (event.type) {
    case 'plan.started':
      return started(state, event.data);
    case 'model.requested': {
      const purpose = purposeOf(event.data.purpose);
      const call = { requested: event.data, purpose, answered: null, failed: null };
      return { ...state, call, calls: state.calls + 1, allowance: null };
    }
    case 'model.answered':
      return {
        ...spent(state, event.data.usage),
        call: state.call && { ...state.call, answered: event.data },
        setbacks: 0,
      };
    case 'model.failed': {
      const setbacks = passes(event.data.problem) ? state.setbacks + 1 : 0;
      return {
        ...spent(state, event.data.usage),
        call: state.call && { ...state.call, failed: event.data },
        setbacks,
      };
    }
    case 'plan.tasks_refused':
      return refused(state, event.data);
    case 'plan.requirements_identified':
      return settle(state, 'requirements', event.data.content);
    case 'plan.architecture_described':
      return settle(state, 'architecture', event.data.content);
    case 'plan.proposed':
      return { ...settle(state, 'tasks', event.data.plan), planRevision: event.data.planRevision };
    case 'plan.allowance_requested':
      return { ...state, allowance: event.data.requestId, allowanceRequests: state.allowanceRequests + 1 };
    case 'plan.phase_finished':
      return { ...over(state, event.data), finished: new Set(state.finished).add(event.data.phase) };
    case 'plan.failed':
      return over({ ...state, found: state.visit?.before ?? state.found }, event.data);
  }
};

/**
 * What a phase found is kept over its failure, and found anew when it is entered again after it had finished. For another PRD only
 * the architecture is kept.
 */
const foundAt = ({ found, finished }: PlanState, phase: string): PlanState['found'] => {
  if (phase === replanPhase) return found.architecture ? { architecture: found.architecture } : {};
  const isOfPhase = (one: Found): boolean => one.phase === phase || one.phase === replanPhase;
  return Object.fromEntries(
    Object.entries(found).filter(
      ([purpose, one]) => purpose === 'requirements' || !finished.has(phase) || !isOfPhase(one),
    ),
  );
};

const started = (state: PlanState, { phase, visit }: DataOf<'plan.started'>): PlanState => {
  return {
    ...state,
    found: foundAt(state, phase),
    visit: { phase, visit, usage: noUsage, before: phase === replanPhase ? state.found : null },
    call: null,
    refusal: null,
    setbacks: 0,
    allowance: null,
  };
};

const spent = (state: PlanState, usage: Usage): PlanState => ({
  ...state,
  visit: state.visit && { ...state.visit, usage: addUsage(state.visit.usage, usage) },
});

const refused = (state: PlanState, { problems, repair }: DataOf<'plan.tasks_refused'>): PlanState => ({
  ...state,
  call: null,
  refusal: {
    purpose: state.call?.purpose ?? 'tasks',
    repairs: repair,
    problems,
    answer: state.call?.answered ?? null,
  },
});

const settle = (state: PlanState, purpose: Purpose, content: BlobReference): PlanState => ({
  ...state,
  call: null,
  refusal: null,
  found: { ...state.found, [purpose]: { content, phase: state.visit?.phase ?? '' } },
});

const over = (state: PlanState, { phase, visit }: { phase: string; visit: number }): PlanState => ({
  ...state,
  over: new Set(state.over).add(visitKey(phase, visit)),
  visit: null,
  call: null,
  refusal: null,
  allowance: null,
});
