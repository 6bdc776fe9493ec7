import type OpenAI from 'openai';
import { ModelError } from '../errors.ts';
import type { ChatAnswer, ChatModel, ChatOptions, ChatRequest } from '../port.ts';
import type { ModelPrice, PriceTable } from '../prices/index.ts';
import { streamedChat } from '../streamed-chat.ts';
import { type Dialect, learnFrom, mostLessons } from './dialect.ts';
import { completionRequest } from './request.ts';
import { errorOf, loadSdk, type OpenAiSdk } from './sdk.ts';
import { completionReader } from './stream.ts';

interface Shared {
  readonly prices: PriceTable;
  /** Milliseconds without a word after which a call counts as broken off. Default: ten minutes, since reasoning is silent. */
  readonly idleMs?: number;
}

export interface OpenAiOptions extends Shared {
  readonly apiKey: string;
  /** With its version: `https://api.openai.com/v1`, which is the default. */
  readonly baseUrl?: string | null;
}

export interface CompatibleOptions extends Shared {
  readonly baseUrl: string;
  /** Local endpoints mostly want none. */
  readonly apiKey?: string | null;
}

export interface AzureOptions extends Shared {
  readonly apiKey: string;
  /** `https://<resource>.openai.azure.com`. */
  readonly endpoint: string;
  readonly apiVersion?: string | null;
}

interface Endpoint extends Shared {
  readonly provider: string;
  readonly keyVariable: string;
  client(sdk: OpenAiSdk): OpenAI;
  readonly limit: Dialect['limit'];
  /** A schema in words too, for endpoints that take one and do not keep to it. */
  readonly alwaysInWords: boolean;
}

const firstDialect = (request: ChatRequest, price: ModelPrice, limit: Dialect['limit']): Dialect => ({
  limit,
  answer: 'strict_schema',
  temperature: price.temperature,
  streamUsage: true,
  reasoningEffort: price.toolsNeedNoReasoning && request.tools.length > 0 ? 'none' : null,
});

/** Refused before anything was answered: such a try has cost nothing. */
const isRefusal = (error: unknown): error is ModelError =>
  error instanceof ModelError &&
  (error.code === 'MODEL_BAD_REQUEST' || error.code === 'MODEL_UNAVAILABLE') &&
  error.usage.calls === 0;

/** By model, and by whether there are tools and a schema: some things are refused only together. */
const keyOf = ({ model, tools, answer }: ChatRequest): string =>
  `${model} ${tools.length > 0} ${answer !== null}`;

const chatCompletions = (endpoint: Endpoint): ChatModel => {
  const { provider, prices, idleMs = 600_000 } = endpoint;
  let connected: OpenAI | null = null;
  const dialects = new Map<string, Dialect>();

  const tryOnce = async (
    request: ChatRequest,
    options: ChatOptions,
    dialect: Dialect,
  ): Promise<ChatAnswer> => {
    const sdk = await loadSdk();
    connected ??= endpoint.client(sdk);
    const client = connected;
    const context = { provider, model: request.model, keyVariable: endpoint.keyVariable };
    const params = completionRequest(
      request,
      prices.requirePrice(request.model),
      dialect,
      endpoint.alwaysInWords,
    );
    const reader = completionReader();
    return streamedChat(
      { request, options, context, prices, idleMs },
      {
        open: (signal) => client.chat.completions.create(params, { signal }),
        take: reader.take,
        errorOf: (error) => errorOf(sdk, error, context),
      },
    );
  };

  /** Asks, and where the endpoint refuses the way of asking, asks in another. */
  const ask = async (
    request: ChatRequest,
    options: ChatOptions,
    dialect: Dialect,
    lessons: number,
  ): Promise<ChatAnswer> => {
    try {
      const answer = await tryOnce(request, options, dialect);
      dialects.set(keyOf(request), dialect);
      return answer;
    } catch (error) {
      const learned = lessons > 0 && isRefusal(error) ? learnFrom(error.message, dialect, request) : null;
      if (learned === null) throw error;
      return ask(request, options, learned, lessons - 1);
    }
  };

  return {
    provider,
    measure: (request) => prices.measure(request),
    chat: async (request, options) => {
      const price = prices.requirePrice(request.model);
      return ask(
        request,
        options,
        dialects.get(keyOf(request)) ?? firstDialect(request, price, endpoint.limit),
        mostLessons,
      );
    },
  };
};

const clientOptions = (options: Shared) => ({
  maxRetries: 0,
  timeout: options.idleMs ?? 600_000,
  logLevel: 'off' as const,
});

/** OpenAI's own models. One try for each call: `resilient` is for the others. */
export const openAiModel = (options: OpenAiOptions): ChatModel =>
  chatCompletions({
    ...options,
    provider: 'openai',
    keyVariable: 'OPENAI_API_KEY',
    limit: 'max_completion_tokens',
    alwaysInWords: false,
    client: ({ OpenAI: Client }) =>
      new Client({
        ...clientOptions(options),
        apiKey: options.apiKey,
        baseURL: options.baseUrl ?? 'https://api.openai.com/v1',
      }),
  });

/** Whatever else speaks chat completions: a gateway, another provider, a model on this machine. */
export const compatibleModel = (options: CompatibleOptions): ChatModel =>
  chatCompletions({
    ...options,
    provider: 'openai-compatible',
    keyVariable: 'OPENAI_API_KEY',
    limit: 'max_tokens',
    alwaysInWords: true,
    client: ({ OpenAI: Client }) =>
      new Client({
        ...clientOptions(options),
        apiKey: options.apiKey ?? 'none',
        baseURL: options.baseUrl,
      }),
  });

/** OpenAI's models on Azure, where a model's name is that of its deployment. */
export const azureModel = (options: AzureOptions): ChatModel =>
  chatCompletions({
    ...options,
    provider: 'azure',
    keyVariable: 'AZURE_OPENAI_API_KEY',
    limit: 'max_completion_tokens',
    alwaysInWords: false,
    // By base URL and not by endpoint: the client would read OPENAI_BASE_URL, find both, and refuse.
    client: ({ AzureOpenAI: Client }) =>
      new Client({
        ...clientOptions(options),
        apiKey: options.apiKey,
        apiVersion: options.apiVersion ?? '2025-04-01-preview',
        baseURL: `${options.endpoint.replace(/\/+$/, '')}/openai`,
      }),
  });
