import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

const secretBytes = 32;

/** As Standard Webhooks has them: `whsec_` and base64 of 24 to 64 bytes. */
export const newSigningSecret = (): string => `whsec_${randomBytes(secretBytes).toString('base64')}`;

export interface SignedMessage {
  readonly id: string;
  /** Milliseconds since the epoch: of this attempt. */
  readonly at: number;
  readonly body: string;
}

/** One signature for each secret, so that a consumer may have either while they are exchanged. */
export const signedHeaders = (
  { id, at, body }: SignedMessage,
  secrets: readonly string[],
): Readonly<Record<string, string>> => {
  const time = new Date(at);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, time, body)).join(' '),
  };
};
