import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';

/** What an installation signs its seals and bundles with: Ed25519. */
export interface SigningKey {
  /** In hex. */
  readonly publicKey: string;
  readonly fingerprint: string;
  /** Of the UTF-8 of a text, in hex. */
  sign(text: string): string;
}

/** A key to sign with, and the fingerprints of all whose signatures are good here, its own among them. */
export interface Signing {
  readonly key: SigningKey;
  readonly trusted: ReadonlySet<string>;
}

/** What stands before the 32 bytes of a key in DER (RFC 8410). */
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** @param seed 32 bytes in hex */
export const signingKeyFrom = (seed: string): SigningKey => {
  const der = Buffer.concat([privatePrefix, Buffer.from(seed, 'hex')]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey)
    .export({ format: 'der', type: 'spki' })
    .subarray(publicPrefix.length)
    .toString('hex');
  return {
    publicKey,
    fingerprint: fingerprintOf(publicKey),
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), privateKey).toString('hex'),
  };
};

/** The first 160 bits of the SHA-256 of a public key, in hex: short enough to be read out. */
export const fingerprintOf = (publicKey: string): string =>
  createHash('sha256').update(Buffer.from(publicKey, 'hex')).digest('hex').slice(0, 40);

/** False as well for what is no key and no signature. */
export const isSignedBy = (publicKey: string, text: string, signature: string): boolean => {
  if (!/^[0-9a-f]{64}$/.test(publicKey) || !/^[0-9a-f]{128}$/.test(signature)) return false;
  try {
    const der = Buffer.concat([publicPrefix, Buffer.from(publicKey, 'hex')]);
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return verify(null, Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'hex'));
  } catch {
    // Not every 32 bytes are a point of the curve.
    return false;
  }
};
