import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { embedderContract, serves, startOpenAiServer, type WireServer } from '../testing/index.ts';
import { featureHashingEmbedder } from './feature-hashing.ts';
import { openAiEmbedder } from './openai-embedder.ts';

const { signal } = new AbortController();
const similarity = (one: readonly number[], other: readonly number[]): number =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);

embedderContract('feature hashing', async () => ({
  embedder: featureHashingEmbedder(),
  close: async () => undefined,
}));

embedderContract('OpenAI over its wire protocol', async () => {
  const server = await startOpenAiServer({ respond: () => serves.serverError() });
  return {
    embedder: openAiEmbedder({ apiKey: 'sk-test', baseUrl: server.url, dimensions: 32 }),
    close: server.close,
  };
});

describe('the feature-hashing embedder', () => {
  const embedder = featureHashingEmbedder();

  it('is named as what it is', () => {
    expect([embedder.name, embedder.dimensions]).toEqual(['feature-hashing/256', 256]);
    expect(featureHashingEmbedder({ dimensions: 64 }).name).toBe('feature-hashing/64');
  });

  it('gives every text a vector of length one, the same each time; an empty one none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 300 }), async (text) => {
        const [one] = await embedder.embed([text], signal);
        const [again] = await featureHashingEmbedder().embed([text], signal);
        expect(again).toEqual(one);
        expect(one).toHaveLength(256);
        const length = Math.sqrt(similarity(one ?? [], one ?? []));
        expect(length === 0 || Math.abs(length - 1) < 1e-9).toBe(true);
      }),
      { numRuns: 100 },
    );
    expect(
      similarity(
        (await embedder.embed([''], signal))[0] ?? [],
        (await embedder.embed(['x'], signal))[0] ?? [],
      ),
    ).toBe(0);
  });

  it('finds what shares words, inflected or joined', async () => {
    const texts = [
      'The scheduler retries failed tasks with exponential backoff',
      'scheduling of a retry after a task failed, backing off',
      'Render the shopping cart with a discount banner',
      'parseHttpUrl throws on a missing host',
      'parse an http url without its host',
    ];
    const [scheduler = [], scheduling = [], cart = [], joined = [], apart = []] = await embedder.embed(
      texts,
      signal,
    );
    expect(similarity(scheduler, scheduling)).toBeGreaterThan(similarity(scheduler, cart) + 0.1);
    expect(similarity(joined, apart)).toBeGreaterThan(similarity(joined, cart) + 0.1);
  });
});

describe('the OpenAI embedder', () => {
  let server: WireServer | null = null;
  afterEach(() => server?.close());

  it('embeds each text in its place, in as many requests as it takes', async () => {
    server = await startOpenAiServer({ respond: () => serves.serverError() });
    const embedder = openAiEmbedder({ apiKey: 'sk-test', baseUrl: server.url, dimensions: 32 });
    const texts = Array.from({ length: 300 }, (_, index) => (index === 7 ? '' : `text ${index}`));
    const vectors = await embedder.embed(texts, signal);
    const expected = await featureHashingEmbedder({ dimensions: 32 }).embed(texts, signal);
    expect(vectors).toHaveLength(300);
    expect(vectors[299]).toEqual(expected[299]);
    expect(embedder.name).toBe('openai/text-embedding-3-small');
  });

  it('says what is wrong with the key', async () => {
    server = await startOpenAiServer({ respond: () => serves.serverError(), apiKey: 'right' });
    const embedder = openAiEmbedder({ apiKey: 'wrong', baseUrl: server.url });
    await expect(embedder.embed(['x'], signal)).rejects.toMatchObject({ code: 'MODEL_UNAUTHORIZED' });
  });
});
