import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChatRequest } from '../port.ts';
import { costOf, priceTable } from './price-table.ts';

const prices = priceTable();
const counts = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
const request = (model: string, text: string, extra: Partial<ChatRequest> = {}): ChatRequest => ({
  model,
  system: '',
  messages: [{ role: 'user', content: [{ kind: 'text', text }] }],
  tools: [],
  answer: null,
  maxOutputTokens: 1_000,
  temperature: null,
  ...extra,
});

describe('the price table', () => {
  it('rounds a call up to whole micro-USD', () => {
    const price = prices.requirePrice('anthropic/claude-haiku-5-5');
    expect(costOf(price, { ...counts, cacheReadTokens: 1 })).toBe(1);
    expect(costOf(price, { ...counts, inputTokens: 10 })).toBe(1);
    expect(costOf(price, { ...counts, inputTokens: 11 })).toBe(2);
    expect(costOf(price, counts)).toBe(0);
  });

  it('charges the whole of a long prompt at its own rate, cached tokens counted', () => {
    const price = prices.requirePrice('anthropic/claude-haiku-5-5');
    expect(costOf(price, { ...counts, inputTokens: 100_000 })).toBe(10_000);
    expect(costOf(price, { ...counts, inputTokens: 1, cacheReadTokens: 100_000 })).toBe(5_001);
    expect(costOf(price, { ...counts, inputTokens: 100_001 })).toBe(50_001);
  });

  it('knows a dated model, an Azure deployment named after its model, and what the configuration adds', () => {
    expect(prices.priceOf('anthropic/claude-haiku-4-5-20251001')?.model).toBe('anthropic/claude-haiku-4-5');
    expect(prices.priceOf('openai/gpt-5.5-2026-04-23')?.model).toBe('openai/gpt-5.5');
    expect(prices.priceOf('azure/gpt-6-sol')?.model).toBe('openai/gpt-6-sol');
    const own = priceTable([
      {
        model: 'openai/gpt-6-sol',
        perMillion: { input: 1, output: 1, cacheRead: 1, cacheWrite: 1 },
        contextWindow: 10,
        maxOutput: 5,
        effective: '2026-01-01',
        source: 'contract',
      },
    ]);
    expect(own.priceOf('openai/gpt-6-sol')?.source).toBe('contract');
  });

  it('refuses what has no price, and says how to give one', () => {
    expect(() => prices.measure(request('openai-compatible/qwen', 'x'))).toThrow(
      expect.objectContaining({
        code: 'MODEL_PRICE_UNKNOWN',
        advice: expect.stringContaining('"model":"openai-compatible/qwen"'),
      }),
    );
  });

  it('refuses a configured price that is none', () => {
    const wrong = { model: 'x', perMillion: { input: -1, output: 0, cacheRead: 0, cacheWrite: 0 } };
    expect(() =>
      priceTable([{ ...wrong, contextWindow: 0, maxOutput: 0, effective: 'today', source: '' }]),
    ).toThrow();
  });

  it('lists only models whose rates make sense', () => {
    for (const model of prices.models) {
      const { perMillion, contextWindow, maxOutput } = prices.requirePrice(model);
      expect(perMillion.cacheRead).toBeLessThanOrEqual(perMillion.input);
      expect(perMillion.input).toBeLessThanOrEqual(perMillion.output);
      expect(maxOutput).toBeLessThanOrEqual(contextWindow);
    }
  });

  it('measures no call below what it can come to', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...prices.models),
        fc.string({ maxLength: 2_000 }),
        fc.nat(200_000),
        (model, text, maxOutputTokens) => {
          const { inputTokens, worstCase } = prices.measure(request(model, text, { maxOutputTokens }));
          const output = Math.min(maxOutputTokens, prices.requirePrice(model).maxOutput);
          const price = prices.requirePrice(model);
          const all = [
            costOf(price, { ...counts, inputTokens, outputTokens: output }),
            costOf(price, { ...counts, cacheWriteTokens: inputTokens, outputTokens: output }),
            costOf(price, { ...counts, cacheReadTokens: inputTokens, outputTokens: output }),
          ];
          expect(worstCase.microUsd).toBe(Math.max(...all));
          expect(worstCase.tokens).toBe(inputTokens + output);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('counts text that would keep a tokenizer busy, and text that looks like its control tokens', () => {
    const letters = prices.measure(request('openai/gpt-4o', 'a'.repeat(200_000)));
    expect(letters.inputTokens).toBeGreaterThan(20_000);
    expect(prices.measure(request('openai/gpt-4o', '<|endoftext|><|im_start|>')).inputTokens).toBeGreaterThan(
      0,
    );
  });

  it('counts system, tools and schema', () => {
    const bare = prices.measure(request('openai/gpt-4o', 'x')).inputTokens;
    const tools = [{ name: 'a', description: 'b', parameters: {} }];
    expect(prices.measure(request('openai/gpt-4o', 'x', { tools })).inputTokens).toBeGreaterThan(bare);
    expect(
      prices.measure(request('openai/gpt-4o', 'x', { system: 'word '.repeat(100) })).inputTokens,
    ).toBeGreaterThan(bare + 90);
  });
});
