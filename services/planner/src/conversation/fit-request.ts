import { type Amount, type Problem, tokensOf, type Usage } from '@partitura/shared/events';
import type { ChatModel, ChatRequest } from '@partitura/shared/models';

export type Fit =
  | { readonly kind: 'fits'; readonly request: ChatRequest }
  /** It would fit the model, but not what may be spent: so much more is needed. */
  | { readonly kind: 'allowance'; readonly amount: Amount }
  | { readonly kind: 'too_long'; readonly problem: Problem };

/** Room for the answer, from comfortable to just enough. */
const outputTokens = [32_000, 16_000, 8_000, 4_000];

/** What is left of what a holder holds; null is no limit. */
export const leftOf = (held: Amount | null, spent: Usage): Amount | null =>
  held && {
    tokens: Math.max(0, held.tokens - tokensOf(spent)),
    microUsd: Math.max(0, held.microUsd - spent.costMicroUsd),
  };

export const within = (asked: Amount, left: Amount | null): boolean =>
  left === null || (asked.tokens <= left.tokens && asked.microUsd <= left.microUsd);

/** What is missing for a call to be covered. */
export const lacking = (asked: Amount, left: Amount | null): Amount => ({
  tokens: left === null ? 0 : Math.max(0, asked.tokens - left.tokens),
  microUsd: left === null ? 0 : Math.max(0, asked.microUsd - left.microUsd),
});

/**
 * The request with the most room for its answer that both the model's window and the budget leave. A call is only made when
 * its worst case is covered.
 * @throws {ModelError} `MODEL_PRICE_UNKNOWN`
 */
export const fitRequest = (
  model: Pick<ChatModel, 'measure'>,
  requestFor: (maxOutputTokens: number) => ChatRequest,
  left: Amount | null,
  prdWords: number,
): Fit => {
  let smallest: Sized | null = null;
  // One after the other: to measure is to count the tokens of the whole PRD.
  for (const tokens of outputTokens) {
    const request = requestFor(tokens);
    const sized: Sized = { request, tokens, ...model.measure(request) };
    const inWindow = sized.inputTokens + tokens <= sized.contextWindow;
    if (inWindow && within(sized.worstCase, left)) return { kind: 'fits', request };
    smallest = sized;
  }
  if (smallest === null || smallest.inputTokens + smallest.tokens > smallest.contextWindow) {
    return { kind: 'too_long', problem: tooLong(smallest, prdWords) };
  }
  return { kind: 'allowance', amount: lacking(smallest.worstCase, left) };
};

interface Sized {
  readonly request: ChatRequest;
  readonly tokens: number;
  readonly inputTokens: number;
  readonly contextWindow: number;
  readonly worstCase: Amount;
}

const tooLong = (sized: Sized | null, prdWords: number): Problem => ({
  code: 'PRD_TOO_LONG_FOR_MODEL',
  message:
    `Planning takes ${sized?.inputTokens ?? 0} tokens (the PRD has ${prdWords} words) and ${sized?.tokens ?? 0} for the answer; ` +
    `${sized?.request.model ?? 'the model'} takes ${sized?.contextWindow ?? 0}. Shorten the PRD, split it into several runs, or take a model with a larger window.`,
});
