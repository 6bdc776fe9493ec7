import type { BlobReference, DocumentReference, OrganizationId } from '@partitura/shared/events';
import { readPrd } from '@partitura/shared/prd';
import { withinOrganization } from '@partitura/shared/subject-keys';
import type { OrchestratorDependencies } from '../dependencies.ts';

/** Keeps a PRD's text as a blob, without the secrets that somebody may have left in it, and with what its subjects are known by sealed. */
export const keepPrd = async (
  name: string,
  text: string,
  organizationId: OrganizationId,
  { blobs, redactor }: Pick<OrchestratorDependencies, 'blobs' | 'redactor'>,
): Promise<DocumentReference> => {
  const kept = withinOrganization(organizationId, () => redactor.redactText(text));
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
