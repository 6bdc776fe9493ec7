import type { BlobStore } from '@partitura/shared/blobs';
import type { BlobReference, Redactor } from '@partitura/shared/events';

/**
 * Texts as blobs. Secrets are taken out on the way in, so that what is read back, by an agent too, is what the log may have.
 */
export interface Contents {
  keep(content: string, contentType?: string): Promise<BlobReference>;
  /** What a list shows of it is its end, where programs say what went wrong. */
  keepOutput(output: string): Promise<BlobReference>;
  keepJson(value: unknown): Promise<BlobReference>;
  read(reference: BlobReference): Promise<string>;
  readJson(reference: BlobReference): Promise<unknown>;
}

const previewLength = 200;

export const contents = (blobs: BlobStore, redactor: Redactor): Contents => {
  const store = async (content: string, contentType: string, preview: string): Promise<BlobReference> => ({
    hash: await blobs.put(content),
    size: Buffer.byteLength(content),
    preview: preview.toWellFormed(),
    contentType,
  });
  const read = async ({ hash }: BlobReference): Promise<string> =>
    new TextDecoder().decode(await blobs.get(hash));
  const keep: Contents['keep'] = (content, contentType = 'text/plain; charset=utf-8') => {
    const clean = redactor.redactText(content);
    return store(clean, contentType, clean.slice(0, previewLength));
  };
  return {
    keep,
    keepOutput: (output) => {
      const clean = redactor.redactText(output);
      return store(clean, 'text/plain; charset=utf-8', clean.trimEnd().slice(-previewLength));
    },
    // Before it is serialised: what a secret looks like in JSON does not matter then.
    keepJson: (value) => {
      const json = JSON.stringify(redactor.redactData(value)) ?? 'null';
      return store(json, 'application/json', json.slice(0, previewLength));
    },
    read,
    readJson: async (reference) => JSON.parse(await read(reference)),
  };
};
