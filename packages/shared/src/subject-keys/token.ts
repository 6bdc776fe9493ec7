import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import type { Subject } from './subject.ts';

/** What stands in the place of a text that is sealed: `⟦sub_0123456789ab:<nonce, ciphertext and tag in base64url>⟧`. */
export type Token = string;

/** Tokens, and what is left of one that a preview was cut off in. */
export const tokens = /⟦(?<id>sub_[0-9a-f]{12}):(?<content>[A-Za-z0-9_-]*)(?<end>⟧?)/g;

/** Where a text has none of these it has no token, which is quicker to find out. */
export const tokenStart = '⟦sub_';

export interface SubjectCipher {
  /** The same text always becomes the same token, so that what is done again has the same bytes and the same hash. */
  seal(text: string): Token;
  /** Null for what this subject's key has not sealed. */
  open(content: string): string | null;
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM whose nonce follows from the text by HMAC under a key of its own: two texts share a nonce as good as never, and one text
 * shows only that it is the same one. Bound to the subject and its organisation.
 */
export const subjectCipher = ({ id, organizationId, key }: Omit<Subject, 'identifiers'>): SubjectCipher => {
  const derive = (use: string) => new Uint8Array(hkdfSync('sha256', key, '', `partitura/subject/${use}`, 32));
  const [sealing, naming] = [derive('aes-256-gcm'), derive('nonce')];
  const bound = Buffer.from(`${organizationId}/${id}`);
  return {
    seal: (text) => {
      const nonce = createHmac('sha256', naming).update(text).digest().subarray(0, nonceBytes);
      const cipher = createCipheriv(algorithm, sealing, nonce).setAAD(bound);
      const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return `⟦${id}:${Buffer.concat(parts).toString('base64url')}⟧`;
    },
    open: (content) => {
      const bytes = Buffer.from(content, 'base64url');
      if (bytes.length < nonceBytes + tagBytes) return null;
      const nonce = bytes.subarray(0, nonceBytes);
      const decipher = createDecipheriv(algorithm, sealing, nonce, { authTagLength: tagBytes })
        .setAAD(bound)
        .setAuthTag(bytes.subarray(-tagBytes));
      try {
        return (
          decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
        );
      } catch {
        // Somebody has written it, or changed it: nothing that was ever sealed.
        return null;
      }
    },
  };
};
