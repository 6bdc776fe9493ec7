import type { AgentEvent, AgentStep } from '@partitura/shared/events';
import { isLoop, isOutOfTurns } from '@partitura/shared/policies';
import type { Assignment } from './assignment.ts';
import { failed, succeeded } from './endings.ts';
import { isOutage, isRateLimit } from './model-problems.ts';
import type { AgentState, AnsweredCall, OpenCall, Purpose, ToolUse } from './state.ts';

/** What an agent does next. */
export type Intent =
  | { readonly kind: 'claim' }
  | { readonly kind: 'take_up' }
  | { readonly kind: 'finished' }
  /** Follows from the state alone. */
  | { readonly kind: 'record'; readonly events: readonly AgentEvent[] }
  | { readonly kind: 'prepare_workspace' }
  /** Put the question together and record it. */
  | { readonly kind: 'question'; readonly purpose: Purpose }
  /** The question is recorded: ask it. */
  | { readonly kind: 'ask'; readonly call: OpenCall }
  /** Draw the conclusions from an answer that is in the log. */
  | { readonly kind: 'digest'; readonly call: AnsweredCall }
  | { readonly kind: 'use_tool'; readonly use: ToolUse }
  | { readonly kind: 'commit' }
  | { readonly kind: 'check' }
  | { readonly kind: 'wait'; readonly until: string };

const record = (...events: AgentEvent[]): Intent => ({ kind: 'record', events });

export const stepEntered = (step: AgentStep, cycle: number): AgentEvent => ({
  type: 'agent.step_entered',
  data: { step, cycle },
});

/** `now` in milliseconds since the epoch. Total: any prefix of a stream has a next. */
export const next = (state: AgentState, assignment: Assignment, now: number): Intent => {
  if (state.life === 'unborn') return { kind: 'claim' };
  if (state.life === 'finished') return { kind: 'finished' };
  if (state.life === 'released') return { kind: 'take_up' };
  if (!state.stepEntered) return record(stepEntered(assignment.mode === 'plain' ? 'act' : 'reason', 1));
  if (state.openCall) return { kind: 'ask', call: state.openCall };
  if (state.failure) return afterFailure(state, state.failure, assignment, now);
  const open = state.tools.find((use) => use.outcome === null);
  if (open) return { kind: 'use_tool', use: open };
  if (assignment.mode !== 'plain' && state.workspace === null && assignment.repository !== null) {
    return { kind: 'prepare_workspace' };
  }
  switch (state.step) {
    case 'reason':
      return reason(state);
    case 'act':
      return act(state, assignment);
    case 'reflect':
      return reflect(state);
    case 'verify':
      return verify(state, assignment);
  }
};

const afterFailure = (
  state: AgentState,
  failure: NonNullable<AgentState['failure']>,
  assignment: Assignment,
  now: number,
): Intent => {
  const again: Intent = { kind: 'question', purpose: failure.purpose };
  const { maxRepairs, maxOutages } = assignment.limits;
  if (isRateLimit(failure.code) || (isOutage(failure.code) && state.outages <= maxOutages)) {
    const waiting = state.waitUntil !== null && Date.parse(state.waitUntil) > now;
    return waiting ? { kind: 'wait', until: state.waitUntil } : again;
  }
  if (failure.code === 'MODEL_INVALID_ANSWER' && state.repairs <= maxRepairs) return again;
  if (failure.code === 'MODEL_CONTEXT_OVERFLOW' && state.overflows <= 1) return again;
  return record(failed(state, assignment, { code: failure.code, message: failure.message }));
};

const undigested = (state: AgentState, purpose: Purpose): AnsweredCall | null =>
  !state.digested && state.answered?.purpose === purpose ? state.answered : null;

const reason = (state: AgentState): Intent => {
  const answer = undigested(state, 'approach');
  if (answer) return { kind: 'digest', call: answer };
  if (state.approach) return record(stepEntered('act', state.cycle));
  return { kind: 'question', purpose: 'approach' };
};

const act = (state: AgentState, assignment: Assignment): Intent => {
  if (state.loop && isLoop(state.loop.times, assignment.limits)) {
    const { tool, times } = state.loop;
    const learning = `${tool} was called ${times} times with the same arguments and the same result: it leads nowhere, another way is needed.`;
    return backToReason(state, assignment, learning, { code: 'LOOP_DETECTED', message: learning });
  }
  const review = undigested(state, 'review');
  if (review) return { kind: 'digest', call: review };
  const last = state.conversation;
  if (last === null) return { kind: 'question', purpose: 'act' };
  const { stopReason } = last.answered;
  if (stopReason === 'refusal') return refused(state, assignment);
  if (stopReason === 'tool_use' && !state.digested) return { kind: 'digest', call: last };
  if (!isOver(state, last, assignment)) return { kind: 'question', purpose: 'act' };
  switch (assignment.mode) {
    case 'plain':
      return { kind: 'digest', call: last };
    case 'review':
      return { kind: 'question', purpose: 'review' };
    case 'work':
      if (state.committedCycle < state.cycle) return { kind: 'commit' };
      return record(stepEntered('reflect', state.cycle));
  }
};

const isOver = (state: AgentState, { answered }: AnsweredCall, { limits }: Assignment): boolean =>
  (answered.stopReason === 'end' && !isTold(state)) || isOutOfTurns(state.turns, limits);

/** What an operator says is read also by an agent that takes itself for done; what other agents say need not be. */
const isTold = ({ inbox }: AgentState): boolean => inbox.some(({ from }) => /^(user|key):/.test(from));

const refused = (state: AgentState, assignment: Assignment): Intent => {
  const message = 'The model refused to do this task.';
  return record(learned(message, state.cycle), failed(state, assignment, { code: 'MODEL_REFUSED', message }));
};

const reflect = (state: AgentState): Intent => {
  const answer = undigested(state, 'reflection');
  if (answer) return { kind: 'digest', call: answer };
  if (state.reflection !== null) return record(stepEntered('verify', state.cycle));
  return { kind: 'question', purpose: 'reflection' };
};

const verify = (state: AgentState, assignment: Assignment): Intent => {
  if (state.verified?.passed) return record(succeeded(state, assignment));
  if (state.verified) {
    const learning = whatFailed(state.verified);
    return backToReason(state, assignment, learning, { code: 'VERIFICATION_FAILED', message: learning });
  }
  if (state.checks === null) return { kind: 'check' };
  const answer = undigested(state, 'criteria');
  if (answer) return { kind: 'digest', call: answer };
  // What the project's own commands say beats whatever a model could claim, so it is not even asked.
  const broken = state.checks.some((check) => check.outcome === 'failed');
  const { acceptanceCriteria } = assignment.task;
  if (broken || acceptanceCriteria.length === 0) {
    return record({
      type: 'agent.verified',
      data: { cycle: state.cycle, passed: !broken, checks: [...state.checks], criteria: [] },
    });
  }
  return { kind: 'question', purpose: 'criteria' };
};

/** Once more with what was learned; after the last cycle the attempt has failed, and somebody stronger has to look at it. */
const backToReason = (
  state: AgentState,
  assignment: Assignment,
  learning: string,
  problem: { code: string; message: string },
): Intent => {
  const events: AgentEvent[] = state.learnedCycle < state.cycle ? [learned(learning, state.cycle)] : [];
  if (state.cycle < assignment.maxCycles) events.push(stepEntered('reason', state.cycle + 1));
  else events.push(failed(state, assignment, problem, true));
  return { kind: 'record', events };
};

const learned = (learning: string, cycle: number): AgentEvent => ({
  type: 'agent.learning_recorded',
  data: { learning, cycle },
});

const whatFailed = (verified: NonNullable<AgentState['verified']>): string => {
  const checks = verified.checks
    .filter((check) => check.outcome === 'failed')
    .map(({ name, command, exitCode, output }) => {
      const said = output?.preview.trim();
      return `${name} (${command}) failed with exit code ${exitCode ?? 'none'}${said ? `: ${said}` : ''}`;
    });
  const criteria = verified.criteria
    .filter(({ met }) => !met)
    .map(({ criterion, evidence }) => `not met: ${criterion}${evidence ? ` (${evidence})` : ''}`);
  return [...checks, ...criteria].join('; ') || 'The work did not verify.';
};
