import { describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '@partitura/shared/models';
import fc from 'fast-check';
import { fitRequest } from './fit-request.ts';

const request = (maxOutputTokens: number): ChatRequest => ({
  model: 'anthropic/claude-test',
  system: '',
  messages: [],
  tools: [],
  answer: null,
  maxOutputTokens,
  temperature: null,
});

const amount = fc.record({ tokens: fc.nat({ max: 80_000 }), microUsd: fc.nat({ max: 2_000_000 }) });
const situation = fc.record({
  inputTokens: fc.nat({ max: 60_000 }),
  contextWindow: fc.integer({ min: 1_000, max: 100_000 }),
  left: fc.option(amount),
});

describe('fitRequest', () => {
  it('makes no call that does not fit the window or is not covered, and asks for just what is missing', () => {
    fc.assert(
      fc.property(situation, ({ inputTokens, contextWindow, left }) => {
        const measure = ({ maxOutputTokens }: ChatRequest) => {
          const tokens = inputTokens + maxOutputTokens;
          return { inputTokens, contextWindow, worstCase: { tokens, microUsd: tokens * 15 } };
        };
        const fitted = fitRequest({ measure }, request, left, 100);
        const smallest = inputTokens + 4_000;
        if (fitted.kind === 'too_long') {
          expect(smallest).toBeGreaterThan(contextWindow);
        } else if (fitted.kind === 'fits') {
          const { worstCase } = measure(fitted.request);
          expect(worstCase.tokens).toBeLessThanOrEqual(
            Math.min(contextWindow, left?.tokens ?? contextWindow),
          );
          expect(worstCase.microUsd).toBeLessThanOrEqual(left?.microUsd ?? worstCase.microUsd);
        } else {
          const held = {
            tokens: (left?.tokens ?? 0) + fitted.amount.tokens,
            microUsd: (left?.microUsd ?? 0) + fitted.amount.microUsd,
          };
          expect(fitted.amount.tokens + fitted.amount.microUsd).toBeGreaterThan(0);
          expect(fitRequest({ measure }, request, held, 100).kind).toBe('fits');
        }
      }),
    );
  });
});
