import type { AgentEvent, Amount } from '@partitura/shared/events';
import type { Assignment } from './assignment.ts';
import { failed } from './endings.ts';
import type { AgentState } from './state.ts';

/** What the run's stream says of an allowance that was asked for. */
export type DecisionOn = (requestId: string) => 'granted' | 'denied' | null;

/** What follows when the next call may cost more than is left; null while the run's answer has to be waited for. */
export const withoutAllowance = (
  state: AgentState,
  assignment: Assignment,
  missing: Amount,
  decisionOn: DecisionOn,
): AgentEvent | null => {
  const asked = state.requestedAllowance?.requestId;
  if (asked === undefined || decisionOn(asked) === 'granted') {
    const requestId = `${assignment.attemptId}.b${state.allowanceRequests + 1}`;
    return { type: 'agent.allowance_requested', data: { requestId, amount: missing } };
  }
  if (decisionOn(asked) === null) return null;
  const message = 'The budget leaves no room for the next call.';
  return failed(state, assignment, { code: 'BUDGET_DENIED', message });
};

export const tooLong = (state: AgentState, assignment: Assignment): AgentEvent => {
  const message =
    'The task with its material is longer than the model’s window, even without the conversation.';
  return failed(state, assignment, { code: 'MODEL_CONTEXT_OVERFLOW', message });
};
