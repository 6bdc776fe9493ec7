import { canonicalJson, sha256 } from '../canonical/index.ts';
import { hashBeforeTheFirst, type SealContent, type SealEvent, streamName } from '../events/index.ts';
import { fingerprintOf, isSignedBy, type SigningKey } from './signing-key.ts';

export type Seal = SealEvent['data'];

/** There is one log. */
export const sealStream = streamName('seal', 'log');

const contentOf = ({ signature: _, ...content }: Seal): SealContent => content;

/** What the next seal names this one by. */
export const sealHash = (seal: Seal | null): string =>
  seal === null ? hashBeforeTheFirst : sha256(canonicalJson(contentOf(seal)));

export type Unsigned = Omit<SealContent, 'number' | 'previous' | 'publicKey' | 'fingerprint'>;

export const signedSeal = (previous: Seal | null, content: Unsigned, key: SigningKey): Seal => {
  const whole: SealContent = {
    ...content,
    number: (previous?.number ?? 0) + 1,
    previous: sealHash(previous),
    publicKey: key.publicKey,
    fingerprint: key.fingerprint,
  };
  return { ...whole, signature: key.sign(canonicalJson(whole)) };
};

/** Why its signature proves nothing; null when it does. */
export const signatureFault = (seal: Seal, trusted: ReadonlySet<string>): string | null => {
  if (fingerprintOf(seal.publicKey) !== seal.fingerprint)
    return 'the fingerprint in it is not that of its key';
  if (!isSignedBy(seal.publicKey, canonicalJson(contentOf(seal)), seal.signature))
    return 'its signature does not fit what it says';
  if (!trusted.has(seal.fingerprint))
    return `it is signed with the key ${seal.fingerprint}, which is not trusted here`;
  return null;
};
