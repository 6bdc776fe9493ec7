import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { SealedSecret } from '@partitura/shared/events';
import type { InstallationSecrets } from '@partitura/shared/hosting';
import { PartituraError } from '@partitura/shared/runtime';

/** Puts signing secrets into a form in which the log may keep them, and takes them out again. */
export interface SecretBox {
  /** Bound to its webhook: in the stream of another one it cannot be opened. */
  seal(secret: string, webhookId: string): SealedSecret;
  /** @throws {PartituraError} `SECRET_NOT_READABLE` when it was sealed with a key that is not there, or is not whole */
  open(sealed: SealedSecret, webhookId: string): string;
}

interface Key {
  readonly id: string;
  readonly bytes: Uint8Array;
}

const algorithm = 'aes-256-gcm';
const ivBytes = 12;

/** One key for one use each, from the installation's: what sealed webhooks' secrets opens nothing else. */
const keyFrom = (installationKey: string): Key => {
  const derive = (use: string, bytes: number) =>
    new Uint8Array(hkdfSync('sha256', installationKey, '', `partitura/webhook-secret/${use}`, bytes));
  return { id: Buffer.from(derive('key-id', 4)).toString('hex'), bytes: derive('aes-256-gcm', 32) };
};

export const secretBox = ({ current, previous }: InstallationSecrets): SecretBox => {
  const sealing = keyFrom(current);
  const keys = [sealing, ...(previous === null ? [] : [keyFrom(previous)])];

  const keyOf = (keyId: string): Key => {
    const key = keys.find(({ id }) => id === keyId);
    if (key) return key;
    throw notReadable(
      `was sealed with the key ${keyId}, and there is ${keys.map(({ id }) => id).join(', ')}`,
    );
  };

  return {
    seal: (secret, webhookId) => {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv(algorithm, sealing.bytes, iv).setAAD(Buffer.from(webhookId));
      const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return {
        keyId: sealing.id,
        iv: iv.toString('hex'),
        ciphertext: ciphertext.toString('hex'),
        tag: cipher.getAuthTag().toString('hex'),
      };
    },
    open: ({ keyId, iv, ciphertext, tag }, webhookId) => {
      const key = keyOf(keyId);
      try {
        const decipher = createDecipheriv(algorithm, key.bytes, Buffer.from(iv, 'hex'), { authTagLength: 16 })
          .setAAD(Buffer.from(webhookId))
          .setAuthTag(Buffer.from(tag, 'hex'));
        return Buffer.concat([decipher.update(Buffer.from(ciphertext, 'hex')), decipher.final()]).toString();
      } catch (error) {
        throw notReadable('is not what was sealed', error);
      }
    },
  };
};

const notReadable = (why: string, cause?: unknown): PartituraError =>
  new PartituraError('SECRET_NOT_READABLE', `The secret of a webhook ${why}.`, {
    cause,
    advice:
      'Set PARTITURA_PREVIOUS_SECRET_KEY to the key that was used before, or rotate the secret of the webhook.',
  });
