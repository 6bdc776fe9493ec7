import type { Problem } from '@partitura/shared/events';
import { type OpenCall, type PlanState, type Purpose, passes, type Refusal, visitKey } from './state.ts';

/** The phase that a job is about. */
export interface PhaseToPlan {
  readonly phase: string;
  readonly visit: number;
  readonly act: 'architecture' | 'plan' | 'replan';
}

export interface Ask {
  readonly kind: 'ask';
  readonly purpose: Purpose;
  readonly callNumber: number;
  readonly refusal: Refusal | null;
}

/** What ends in an append, after which the state says what comes next. */
export type Action =
  | { readonly kind: 'start' }
  | Ask
  /** Asked before a crash, and nobody knows what came back. */
  | { readonly kind: 'ask_again'; readonly call: OpenCall }
  | {
      readonly kind: 'judge';
      readonly purpose: Purpose;
      readonly answered: NonNullable<OpenCall['answered']>;
      readonly repairs: number;
    }
  | { readonly kind: 'refuse'; readonly problems: readonly Problem[]; readonly repair: number }
  | { readonly kind: 'fail'; readonly problem: Problem }
  | { readonly kind: 'finish' };

/** What is to be done next. */
export type NextStep =
  | Action
  | { readonly kind: 'wait'; readonly ms: number; readonly next: Ask }
  | { readonly kind: 'over' };

/** Times a model is asked to put its answer right before the plan is given up. */
export const mostRepairs = 2;
/** A provider that cannot be reached is tried this often in a row; one that says "later" is asked later for as long as the run lives. */
export const mostSetbacks = 8;
const backoff = { baseMs: 1_000, maxMs: 60_000 };

/** What is still missing, and so what comes next. Pure: a planner that was killed comes to the same answer as the one before it. */
export const nextStep = (state: PlanState, job: PhaseToPlan): NextStep => {
  if (state.over.has(visitKey(job.phase, job.visit))) return { kind: 'over' };
  if (state.visit?.phase !== job.phase || state.visit.visit !== job.visit) return { kind: 'start' };
  if (state.call !== null) return afterCall(state, state.call);
  const purpose = missing(state, job);
  return purpose === null ? { kind: 'finish' } : ask(state, purpose);
};

/** Requirements and architecture may be there from a phase before. A workflow without that phase finds them while it plans. */
const missing = ({ found }: PlanState, { act }: PhaseToPlan): Purpose | null => {
  if (!found.requirements) return 'requirements';
  if (act === 'replan') return found.tasks ? null : 'replan';
  if (!found.architecture) return 'architecture';
  return act === 'plan' && !found.tasks ? 'tasks' : null;
};

const ask = (state: PlanState, purpose: Purpose): Ask => ({
  kind: 'ask',
  purpose,
  callNumber: state.calls + 1,
  refusal: state.refusal?.purpose === purpose ? state.refusal : null,
});

const afterCall = (state: PlanState, call: OpenCall): NextStep => {
  const repairs = state.refusal?.purpose === call.purpose ? state.refusal.repairs : 0;
  if (call.answered) return { kind: 'judge', purpose: call.purpose, answered: call.answered, repairs };
  if (!call.failed) return { kind: 'ask_again', call };
  const { problem, retryAfterMs } = call.failed;
  if (problem.code === 'MODEL_INVALID_ANSWER') return refuseOrFail(call.purpose, [problem], repairs);
  if (!passes(problem)) return { kind: 'fail', problem };
  if (isUnreachable(problem) && state.setbacks >= mostSetbacks) {
    return {
      kind: 'fail',
      problem: { ...problem, message: `${problem.message} (tried ${state.setbacks} times)` },
    };
  }
  const patience = Math.min(backoff.maxMs, backoff.baseMs * 2 ** Math.max(0, state.setbacks - 1));
  return { kind: 'wait', ms: retryAfterMs ?? patience, next: ask(state, call.purpose) };
};

const isUnreachable = ({ code }: Problem): boolean =>
  code === 'MODEL_UNAVAILABLE' || code === 'MODEL_STREAM_CUT';

const called: Readonly<Record<Purpose, { readonly name: string; readonly code: string }>> = {
  requirements: { name: 'requirements', code: 'REQUIREMENTS_INVALID' },
  architecture: { name: 'architecture', code: 'ARCHITECTURE_INVALID' },
  tasks: { name: 'tasks', code: 'PLAN_INVALID' },
  replan: { name: 'changed tasks', code: 'PLAN_INVALID' },
};

/** Sends an answer back with what is wrong with it; after the last repair the phase fails and says so. */
export const refuseOrFail = (
  purpose: Purpose,
  problems: readonly Problem[],
  repairs: number,
): Extract<Action, { kind: 'refuse' | 'fail' }> => {
  if (repairs < mostRepairs) return { kind: 'refuse', problems, repair: repairs + 1 };
  const { name, code } = called[purpose];
  const what = problems.map(({ message }) => message).join(' ');
  const message = `The model’s ${name} cannot be used, after ${mostRepairs} requests to put them right: ${what}`;
  return { kind: 'fail', problem: { code, message } };
};
