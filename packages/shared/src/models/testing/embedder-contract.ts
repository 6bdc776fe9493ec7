import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Embedder } from '../port.ts';

export interface EmbedderSubject {
  readonly embedder: Embedder;
  close(): Promise<void>;
}

/** What every embedder does, whatever it is made of. */
export const embedderContract = (name: string, open: () => Promise<EmbedderSubject>): void => {
  describe(`embedder: ${name}`, () => {
    let subject: EmbedderSubject;
    const { signal } = new AbortController();
    const embed = (...texts: readonly string[]) => subject.embedder.embed(texts, signal);

    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.close());

    it('gives a vector of its dimensions for each text, in their order', async () => {
      const vectors = await embed('one', 'two', 'three');
      expect(vectors.map(({ length }) => length)).toEqual(Array(3).fill(subject.embedder.dimensions));
      expect(await embed('three', 'one')).toEqual([vectors[2], vectors[0]]);
    });

    it('gives finite numbers for any text, and the same ones again', async () => {
      const texts = ['', ' ', '🦄', 'ß'.repeat(5_000), 'a\0b', '<|endoftext|>'];
      const vectors = await embed(...texts);
      expect(vectors.flat().every(Number.isFinite)).toBe(true);
      expect(await embed(...texts)).toEqual(vectors);
    });

    it('has nothing to do for no text', async () => {
      expect(await embed()).toEqual([]);
    });

    it('does nothing any more once it was told to stop', async () => {
      await expect(subject.embedder.embed(['one'], AbortSignal.abort())).rejects.toBeDefined();
    });
  });
};
