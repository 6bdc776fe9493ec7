import type { Amount, Usage } from '../../events/values.ts';
import { ModelError } from '../errors.ts';
import { parseModelName } from '../model-name.ts';
import type { ChatRequest } from '../port.ts';
import { estimateRequestTokens } from '../tokens.ts';
import listed from './prices.json' with { type: 'json' };
import { type ModelPrice, type ModelPriceInput, modelPrice, type Rates } from './schema.ts';

export interface TokenCounts {
  /** Neither read from a cache nor written to one. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

export interface Measure {
  readonly inputTokens: number;
  readonly contextWindow: number;
  readonly worstCase: Amount;
}

export interface PriceTable {
  /** `provider/model` of everything that has a price, in the order of the table. */
  readonly models: readonly string[];
  /** Null for a model nobody gave a price for. */
  priceOf(model: string): ModelPrice | null;
  /** @throws {ModelError} `MODEL_PRICE_UNKNOWN`, saying how to give one */
  requirePrice(model: string): ModelPrice;
  /** One call's usage with its cost. */
  usageOf(model: string, counts: TokenCounts): Usage;
  /** What a request takes and the most that it can cost. */
  measure(request: ChatRequest): Measure;
}

const perMillion = 1_000_000;

const ratesFor = (price: ModelPrice, promptTokens: number): Rates =>
  price.longPrompt !== null && promptTokens > price.longPrompt.aboveTokens
    ? price.longPrompt.perMillion
    : price.perMillion;

/** Whole micro-USD, rounded up once for the call. Products stay below 2^53 up to 10^8 tokens at $50 each million. */
export const costOf = (price: ModelPrice, counts: TokenCounts): number => {
  const rates = ratesFor(price, counts.inputTokens + counts.cacheReadTokens + counts.cacheWriteTokens);
  const millionths =
    counts.inputTokens * rates.input +
    counts.outputTokens * rates.output +
    counts.cacheReadTokens * rates.cacheRead +
    counts.cacheWriteTokens * rates.cacheWrite;
  return Math.ceil(millionths / perMillion);
};

const worstCaseOf = (price: ModelPrice, inputTokens: number, outputTokens: number): Amount => {
  const rates = ratesFor(price, inputTokens);
  const counts = { inputTokens: 0, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const dearer = rates.cacheWrite > rates.input ? 'cacheWriteTokens' : 'inputTokens';
  return {
    tokens: inputTokens + outputTokens,
    microUsd: costOf(price, { ...counts, [dearer]: inputTokens }),
  };
};

/** `claude-haiku-4-5-20251001` and `gpt-5.5-2026-04-23` cost what the model without its date costs. */
const withoutDate = (model: string): string => model.replace(/-(\d{8}|\d{4}-\d{2}-\d{2})$/, '');

/** Azure serves OpenAI's models; a deployment that has a model's name has its price. */
const namesToTry = (model: string): readonly string[] => {
  const names = [model, withoutDate(model)];
  const { provider, model: deployment } = parseModelName(model);
  return provider === 'azure'
    ? [...names, `openai/${deployment}`, withoutDate(`openai/${deployment}`)]
    : names;
};

export const priceUnknown = (model: string): ModelError =>
  new ModelError(
    'MODEL_PRICE_UNKNOWN',
    `No price is known for the model "${model}", so no call to it can be kept within a budget.`,
    {
      provider: parseModelName(model).provider,
      model,
      advice:
        `Give its price in PARTITURA_MODEL_PRICES, or under "modelPrices" in the user file: [{"model":"${model}","perMillion":{"input":0,"output":0,"cacheRead":0,` +
        `"cacheWrite":0},"contextWindow":32768,"maxOutput":4096,"effective":"2026-01-01","source":"local"}] (micro-USD for a million tokens; 0 for a local model).`,
    },
  );

/**
 * The prices that come with Partitura and, before them, those of the configuration.
 * @throws {z.ZodError} on an entry that is none
 */
export const priceTable = (configured: readonly ModelPriceInput[] = []): PriceTable => {
  const entries = new Map<string, ModelPrice>();
  for (const entry of [...listed.prices, ...configured]) {
    const price = modelPrice.parse(entry);
    entries.set(price.model, price);
  }
  const priceOf = (model: string): ModelPrice | null => {
    for (const name of namesToTry(model)) {
      const price = entries.get(name);
      if (price !== undefined) return price;
    }
    return null;
  };
  const requirePrice = (model: string): ModelPrice => {
    const price = priceOf(model);
    if (price === null) throw priceUnknown(model);
    return price;
  };
  return {
    models: [...entries.keys()],
    priceOf,
    requirePrice,
    usageOf: (model, counts) => ({ ...counts, costMicroUsd: costOf(requirePrice(model), counts), calls: 1 }),
    measure: (request) => {
      const price = requirePrice(request.model);
      const inputTokens = Math.ceil(estimateRequestTokens(request) * price.tokenFactor);
      const outputTokens = Math.min(request.maxOutputTokens, price.maxOutput);
      return {
        inputTokens,
        contextWindow: price.contextWindow,
        worstCase: worstCaseOf(price, inputTokens, outputTokens),
      };
    },
  };
};
