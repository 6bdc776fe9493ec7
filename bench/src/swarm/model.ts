import { noUsage } from '@partitura/shared/events';
import type { ChatAnswer, ChatModel } from '@partitura/shared/models';
import { systemClock } from '@partitura/shared/runtime';

const answer: ChatAnswer = {
  model: 'bench/no-op',
  content: [{ kind: 'text', text: 'Done.' }],
  structured: null,
  stopReason: 'end',
  usage: { ...noUsage, inputTokens: 10, outputTokens: 2, calls: 1 },
};

/** Answers the same after `delayMs`; at once for 0. */
export const noOpModel = (delayMs: number): ChatModel => ({
  provider: 'bench',
  chat: async (_, { signal }) => {
    if (delayMs > 0) await systemClock.sleep(delayMs, signal);
    return answer;
  },
  measure: () => ({ inputTokens: 10, contextWindow: 1_000_000, worstCase: { tokens: 100, microUsd: 0 } }),
});
