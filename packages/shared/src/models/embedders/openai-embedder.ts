import OpenAI, { APIConnectionError, APIError } from 'openai';
import { ModelError } from '../errors.ts';
import type { Embedder } from '../port.ts';
import { errorOfFault } from '../wire-errors.ts';

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

const errorOf = (error: unknown, model: string, signal: AbortSignal): unknown => {
  const provider = 'openai';
  if (signal.aborted) return new ModelError('MODEL_ABORTED', 'Aborted.', { provider, model, cause: error });
  if (error instanceof APIConnectionError) {
    return new ModelError('MODEL_UNAVAILABLE', `${model} cannot be reached: ${error.message}`, {
      provider,
      model,
      cause: error,
    });
  }
  if (!(error instanceof APIError)) return error;
  const { status, type, code, message, headers } = error;
  return errorOfFault(
    { status, type, code, message, headers },
    { provider, model, keyVariable: 'OPENAI_API_KEY' },
    error,
  );
};

/** OpenAI's embeddings, or those of an endpoint that speaks like it. */
export const openAiEmbedder = (options: OpenAiEmbedderOptions): Embedder => {
  const { model = 'text-embedding-3-small', dimensions = 1_536 } = options;
  const name = `openai/${model}`;
  const client = new OpenAI({
    apiKey: options.apiKey,
    baseURL: options.baseUrl ?? 'https://api.openai.com/v1',
    maxRetries: 2,
    logLevel: 'off',
  });

  const embedBatch = async (
    batch: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly (readonly number[])[]> => {
    // An empty text is refused, and the place of every text has to be kept.
    const input = batch.map((text) => (text.trim() === '' ? ' .' : text));
    try {
      const { data } = await client.embeddings.create(
        { model, input, dimensions, encoding_format: 'float' },
        { signal },
      );
      return data.toSorted((one, other) => one.index - other.index).map(({ embedding }) => embedding);
    } catch (error) {
      throw errorOf(error, name, signal);
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
