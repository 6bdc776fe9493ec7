import type { PlanEvent } from '@partitura/shared/events';
import type { ChatModel, ChatRequest, RecordedCalls } from '@partitura/shared/models';
import type { leftOf } from '../conversation/fit-request.ts';

type Measure = ReturnType<ChatModel['measure']>;
type Left = ReturnType<typeof leftOf>;
type Failed = Extract<PlanEvent, { type: 'plan.failed' }>['data']['problem'];

const endless = Number.MAX_SAFE_INTEGER;
const nothing = { tokens: 0, microUsd: 0 };
const fitting: Measure = { inputTokens: 0, contextWindow: endless, worstCase: nothing };

const beyond = (left: Left, missing: { readonly tokens: number; readonly microUsd: number }): Measure => ({
  ...fitting,
  worstCase: {
    tokens: (left?.tokens ?? 0) + missing.tokens,
    microUsd: (left?.microUsd ?? 0) + missing.microUsd,
  },
});

/** What a refusal says of the measures that led to it. */
const measureIn = ({ code, message }: Failed, left: Left): Measure => {
  const numbers = (pattern: RegExp): readonly number[] => pattern.exec(message)?.slice(1).map(Number) ?? [];
  if (code === 'BUDGET_EXCEEDED') {
    const [tokens = 0, usd = 0] = numbers(/may take (\d+) tokens and \$([\d.]+) more/);
    return beyond(left, { tokens, microUsd: Math.round(usd * 1e6) });
  }
  if (code !== 'PRD_TOO_LONG_FOR_MODEL') return fitting;
  const [inputTokens = 0, contextWindow = 0] = numbers(/takes (\d+) tokens .* takes (\d+)\./);
  return { ...fitting, inputTokens, contextWindow };
};

/**
 * How long a request is and what it may cost is what a model and a table of prices said that day; the log has what followed from it. So the
 * replay is measured by the record: what was asked fits and costs what was set aside, and what would have had more room did not fit.
 */
export const recordedMeasure = async (
  recorded: PlanEvent | undefined,
  left: Left,
  calls: Pick<RecordedCalls, 'recallRequest'>,
): Promise<(request: ChatRequest) => Measure> => {
  switch (recorded?.type) {
    case 'model.requested': {
      const { maxOutputTokens } = await calls.recallRequest(recorded);
      return (request) =>
        request.maxOutputTokens > maxOutputTokens
          ? { ...fitting, contextWindow: 0 }
          : { ...fitting, worstCase: recorded.data.reserved };
    }
    case 'plan.allowance_requested':
      return () => beyond(left, recorded.data.amount);
    case 'plan.failed':
      return () => measureIn(recorded.data.problem, left);
    default:
      return () => fitting;
  }
};
