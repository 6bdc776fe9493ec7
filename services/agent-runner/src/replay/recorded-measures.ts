import type { AgentEvent } from '@partitura/shared/events';
import type { ChatModel, RecordedCalls } from '@partitura/shared/models';
import type { AgentState } from '../agents/state.ts';
import type { allowanceOf } from '../runs/run-view.ts';
import type { RecordedQuestion } from './recorded-outside.ts';

const endless = Number.MAX_SAFE_INTEGER;

/**
 * How long a request is and what it may cost is what a model and a table of prices said that day. The record says what followed: how many
 * messages had to go, and what was set aside.
 */
export const recordedMeasure = async (
  question: RecordedQuestion,
  calls: Pick<RecordedCalls, 'recallRequest'>,
): Promise<ChatModel['measure']> => {
  const { requested, compacted } = question;
  const worstCase = requested.data.reserved;
  if (compacted === null) return () => ({ inputTokens: 0, contextWindow: endless, worstCase });
  const { messages } = await calls.recallRequest(requested);
  const { tokensBefore, tokensAfter } = compacted.data;
  return (request) => {
    const fits = request.messages.length <= messages.length;
    // Room for just less than what did not fit.
    const contextWindow = tokensBefore * (1 - Number.EPSILON * 4) + request.maxOutputTokens;
    return { inputTokens: fits ? tokensAfter : tokensBefore, contextWindow, worstCase };
  };
};

/** Of a question that was not asked: what the record says became of it. */
export const measureOfNothing = (
  recorded: AgentEvent,
  { usage }: AgentState,
  allowance: ReturnType<typeof allowanceOf>,
): ChatModel['measure'] => {
  const fits = { inputTokens: 0, contextWindow: endless };
  if (recorded.type === 'agent.allowance_requested') {
    const { amount } = recorded.data;
    const spent = usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
    const worstCase = {
      tokens: amount.tokens + (allowance?.tokens ?? 0) - spent,
      microUsd: amount.microUsd + (allowance?.microUsd ?? 0) - usage.costMicroUsd,
    };
    return () => ({ ...fits, worstCase });
  }
  const { code } = (recorded.type === 'agent.finished' &&
    recorded.data.outcome === 'failed' &&
    recorded.data.problem) || { code: '' };
  const worst = code === 'BUDGET_DENIED' ? endless : 0;
  const worstCase = { tokens: worst, microUsd: worst };
  return () =>
    code === 'MODEL_CONTEXT_OVERFLOW'
      ? { inputTokens: 1, contextWindow: 0, worstCase }
      : { ...fits, worstCase };
};
