import type { BlobReference, DocumentReference } from '@partitura/shared/events';
import { readPrd } from '@partitura/shared/prd';
import type { OrchestratorDependencies } from '../dependencies.ts';

/** Keeps a PRD's text as a blob, without the secrets that somebody may have left in it. */
export const keepPrd = async (
  name: string,
  text: string,
  { blobs, redactor }: Pick<OrchestratorDependencies, 'blobs' | 'redactor'>,
): Promise<DocumentReference> => {
  const kept = redactor.redactText(text);
  const bytes = new TextEncoder().encode(kept);
  const content: BlobReference = {
    hash: await blobs.put(bytes),
    size: bytes.byteLength,
    preview: kept.slice(0, 200),
    contentType: 'text/markdown',
  };
  const { title, words } = readPrd(kept);
  return { name, title, words, content };
};
