import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { PartituraError } from '../runtime/errors.ts';
import type { KeptSubject } from './port.ts';
import type { Subject } from './subject.ts';

/** Puts who a subject is into a form in which a store may keep it, and takes it out again. */
export interface KeyBox {
  seal(subject: Subject): KeptSubject;
  /** @throws {PartituraError} `SUBJECT_KEY_NOT_READABLE` when it was sealed with a key that is not there, or is not whole */
  open(kept: KeptSubject & { readonly secret: string }): Subject;
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

const content = z.strictObject({
  key: z.string(),
  identifiers: z.array(z.string()),
  label: z.string().nullable(),
});

/** With a key derived from the installation's for this one use. */
export const keyBox = ({
  current,
  previous,
}: {
  readonly current: string;
  readonly previous: string | null;
}): KeyBox => {
  const derive = (key: string) =>
    new Uint8Array(hkdfSync('sha256', key, '', 'partitura/subject-keys/aes-256-gcm', 32));
  const sealing = derive(current);
  const opening = [sealing, ...(previous === null ? [] : [derive(previous)])];
  return {
    seal: ({ id, organizationId, key, identifiers, label, declaredAt }) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, sealing, nonce).setAAD(boundTo({ id, organizationId }));
      const text = JSON.stringify({ key: Buffer.from(key).toString('base64'), identifiers, label });
      const bytes = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return { id, organizationId, declaredAt, secret: bytes.toString('base64'), erasedAt: null };
    },
    open: (kept) => {
      const { id, organizationId, declaredAt } = kept;
      const text = opening.map((key) => opened(key, kept)).find((one) => one !== null);
      if (text === undefined || text === null) throw notReadable(id);
      const { key, identifiers, label } = content.parse(JSON.parse(text));
      return { id, organizationId, declaredAt, key: Buffer.from(key, 'base64'), identifiers, label };
    },
  };
};

const boundTo = ({ id, organizationId }: Pick<Subject, 'id' | 'organizationId'>): Uint8Array =>
  Buffer.from(`${organizationId}/${id}`);

const opened = (key: Uint8Array, kept: KeptSubject & { readonly secret: string }): string | null => {
  const bytes = Buffer.from(kept.secret, 'base64');
  if (bytes.length < nonceBytes + tagBytes) return null;
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
    .setAAD(boundTo(kept))
    .setAuthTag(bytes.subarray(-tagBytes));
  try {
    return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    // Sealed with the other key, or not whole: whoever asks is told when none opens it.
    return null;
  }
};

const notReadable = (id: string): PartituraError =>
  new PartituraError(
    'SUBJECT_KEY_NOT_READABLE',
    `The key of subject ${id} was encrypted with another installation's key, or is not whole.`,
    { advice: 'Set PARTITURA_PREVIOUS_SECRET_KEY to the key that was used before.' },
  );
