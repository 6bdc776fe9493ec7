import type OpenAI from 'openai';
import { ModelError } from '../errors.ts';
import { errorOf, loadSdk, type OpenAiSdk } from '../openai/sdk.ts';
import type { Embedder } from '../port.ts';

export interface OpenAiEmbedderOptions {
  readonly apiKey: string;
  readonly baseUrl?: string | null;
  /** Default: `text-embedding-3-small`. */
  readonly model?: string;
  /** Default: 1,536. */
  readonly dimensions?: number;
}

/** What one request may hold. */
const batchSize = 256;

const batchesOf = (texts: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(texts.length / batchSize) }, (_, index) =>
    texts.slice(index * batchSize, (index + 1) * batchSize),
  );

const failureOf = (sdk: OpenAiSdk, error: unknown, model: string, signal: AbortSignal): unknown => {
  const provider = 'openai';
  if (signal.aborted) return new ModelError('MODEL_ABORTED', 'Aborted.', { provider, model, cause: error });
  if (error instanceof sdk.APIConnectionError) {
    return new ModelError('MODEL_UNAVAILABLE', `${model} cannot be reached: ${error.message}`, {
      provider,
      model,
      cause: error,
    });
  }
  return errorOf(sdk, error, { provider, model, keyVariable: 'OPENAI_API_KEY' }) ?? error;
};

/** OpenAI's embeddings, or those of an endpoint that speaks like it. */
export const openAiEmbedder = (options: OpenAiEmbedderOptions): Embedder => {
  const { model = 'text-embedding-3-small', dimensions = 1_536 } = options;
  const name = `openai/${model}`;
  let connected: OpenAI | null = null;
  const connect = (sdk: OpenAiSdk): OpenAI =>
    new sdk.OpenAI({
      apiKey: options.apiKey,
      baseURL: options.baseUrl ?? 'https://api.openai.com/v1',
      maxRetries: 2,
      logLevel: 'off',
    });

  const embedBatch = async (
    batch: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly (readonly number[])[]> => {
    const sdk = await loadSdk();
    connected ??= connect(sdk);
    // An empty text is refused, and the place of every text has to be kept.
    const input = batch.map((text) => (text.trim() === '' ? ' .' : text));
    try {
      const { data } = await connected.embeddings.create(
        { model, input, dimensions, encoding_format: 'float' },
        { signal },
      );
      return data.toSorted((one, other) => one.index - other.index).map(({ embedding }) => embedding);
    } catch (error) {
      throw failureOf(sdk, error, name, signal);
    }
  };

  return {
    name,
    dimensions,
    embed: async (texts, signal) => {
      const vectors: (readonly number[])[] = [];
      for (const batch of batchesOf(texts)) vectors.push(...(await embedBatch(batch, signal)));
      return vectors;
    },
  };
};
