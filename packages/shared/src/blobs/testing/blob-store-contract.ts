import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sha256 } from '../../canonical/index.ts';
import type { BlobStore } from '../port.ts';

export interface BlobStoreUnderTest {
  readonly store: BlobStore;
  remove(): Promise<void>;
}

const textOf = (content: Uint8Array): string => new TextDecoder().decode(content);

/** Everything the port promises. Every adapter passes it. */
export const blobStoreContract = (name: string, make: () => Promise<BlobStoreUnderTest>): void => {
  describe(`blob store: ${name}`, () => {
    let underTest: BlobStoreUnderTest;
    let store: BlobStore;
    beforeEach(async () => {
      underTest = await make();
      store = underTest.store;
    });
    afterEach(async () => {
      await store.close();
      await underTest.remove();
    });

    it('gives back any bytes, by their SHA-256', async () => {
      const contents = fc.oneof(fc.uint8Array({ maxLength: 2_000 }), fc.string({ unit: 'binary' }));
      await fc.assert(
        fc.asyncProperty(contents, async (content) => {
          const bytes = Buffer.from(content);
          const hash = await store.put(content);
          expect(hash).toBe(sha256(bytes));
          expect(await store.has(hash)).toBe(true);
          expect(Buffer.compare(await store.get(hash), bytes)).toBe(0);
        }),
        { numRuns: 50, examples: [[''], [new Uint8Array()], ['äöü 😀 \u0000\r\n']] },
      );
    });

    it('takes the same content as often as it comes, also at once', async () => {
      const hashes = await Promise.all(Array.from({ length: 50 }, () => store.put('the same')));
      expect(new Set(hashes)).toEqual(new Set([sha256('the same')]));
      expect(await store.put(Buffer.from('the same'))).toBe(hashes[0]);
      expect(textOf(await store.get(sha256('the same')))).toBe('the same');
    });

    it('takes many at once', async () => {
      const hashes = await Promise.all(Array.from({ length: 300 }, (_, index) => store.put(`blob ${index}`)));
      const contents = await Promise.all(hashes.map(async (hash) => textOf(await store.get(hash))));
      expect(contents).toEqual(Array.from({ length: 300 }, (_, index) => `blob ${index}`));
    });

    it('holds a big one', async () => {
      const content = Buffer.alloc(8_000_000, 'partitura');
      expect(Buffer.compare(await store.get(await store.put(content)), content)).toBe(0);
    });

    it.each([['0'.repeat(64)], ['../../etc/passwd'], [''], ['A'.repeat(64)]])(
      'has no blob of the name %p',
      async (hash) => {
        expect(await store.has(hash)).toBe(false);
        await expect(store.get(hash)).rejects.toMatchObject({ code: 'BLOB_NOT_FOUND' });
      },
    );

    it('keeps what it has when the caller goes on with its buffer', async () => {
      const buffer = Buffer.from('before');
      const hash = await store.put(buffer);
      buffer.write('after!');
      expect(textOf(await store.get(hash))).toBe('before');
    });

    it('takes and gives nothing once it is closed', async () => {
      const hash = await store.put('a');
      await store.close();
      await expect(store.put('b')).rejects.toMatchObject({ code: 'BLOB_STORE_CLOSED' });
      await expect(store.get(hash)).rejects.toMatchObject({ code: 'BLOB_STORE_CLOSED' });
    });
  });
};
