import type Anthropic from '@anthropic-ai/sdk';
import type { ModelError } from '../errors.ts';
import type { ChatModel } from '../port.ts';
import type { PriceTable } from '../prices/index.ts';
import { streamedChat } from '../streamed-chat.ts';
import { type CallContext, errorOfFault } from '../wire-errors.ts';
import { messageRequest } from './request.ts';
import { takeMessageEvent } from './stream.ts';

export interface AnthropicOptions {
  readonly apiKey: string;
  /** Default: Anthropic's own. */
  readonly baseUrl?: string | null;
  readonly prices: PriceTable;
  /** Milliseconds without a word after which a call counts as broken off. Default: ten minutes, since reasoning is silent. */
  readonly idleMs?: number;
}

const ownUrl = 'https://api.anthropic.com';

interface Connection {
  readonly client: Anthropic;
  errorOf(error: unknown, context: CallContext): ModelError | null;
}

/** The SDK takes a tenth of a second to load: whoever asks no model does not pay for it. */
const connect = async (options: AnthropicOptions, idleMs: number): Promise<Connection> => {
  const { default: Client, APIConnectionError, APIError } = await import('@anthropic-ai/sdk');
  const client = new Client({
    apiKey: options.apiKey,
    baseURL: options.baseUrl ?? ownUrl,
    maxRetries: 0,
    timeout: idleMs,
    logLevel: 'off',
  });
  return {
    client,
    errorOf: (error, context) => {
      if (!(error instanceof APIError) || error instanceof APIConnectionError) return null;
      const { status, type, errorCode, apiMessage, message, headers } = error;
      return errorOfFault(
        { status, type, code: errorCode, message: apiMessage ?? message, headers },
        context,
        error,
      );
    },
  };
};

/** Claude, over the Messages API. One try for each call: `resilient` is for the others. */
export const anthropicModel = (options: AnthropicOptions): ChatModel => {
  const { prices, idleMs = 600_000 } = options;
  let connection: Promise<Connection> | null = null;
  return {
    provider: 'anthropic',
    measure: (request) => prices.measure(request),
    chat: async (request, chatOptions) => {
      const params = messageRequest(request, prices.requirePrice(request.model));
      const context: CallContext = {
        provider: 'anthropic',
        model: request.model,
        keyVariable: 'ANTHROPIC_API_KEY',
      };
      connection ??= connect(options, idleMs);
      const { client, errorOf } = await connection;
      return streamedChat(
        { request, options: chatOptions, context, prices, idleMs },
        {
          open: (signal) => client.messages.create(params, { signal }),
          take: takeMessageEvent,
          errorOf: (error) => errorOf(error, context),
        },
      );
    },
  };
};
