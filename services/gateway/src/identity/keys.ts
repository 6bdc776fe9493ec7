import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { asOrganizationId, type OrganizationId } from '@partitura/shared/events';

/**
 * A key is `ptk_<id>_<secret>`. The id begins with the organisation, so that the stream that knows the key is found without a
 * directory; letters and digits only, because that is what secrets are recognised by in texts. The last characters of the
 * secret are a checksum over all the rest: a key that was cut off or mistyped is known for one before anything is read.
 */
export interface ApiKey {
  readonly keyId: string;
  readonly organizationId: OrganizationId;
  /** SHA-256 of the whole key, in hex: what the log has of it. */
  readonly hash: string;
}

/** Crockford's base 32, as ids are. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
/** 160 bits. */
const randomLength = 32;
/** 30 bits: one mistyped key in a thousand million passes for another. */
const checksumLength = 6;
const ownIdLength = 10;

const shape = new RegExp(
  `^ptk_([a-z0-9YZ]{2,64}[${alphabet}]{${ownIdLength}})_([${alphabet}]{${randomLength + checksumLength}})$`,
);

/** Organisations are named by lower-case letters, digits, hyphens and underscores; see `organizationIdPattern`. */
const encodeOrganization = (id: string): string => id.replaceAll('-', 'Z').replaceAll('_', 'Y');
const decodeOrganization = (text: string): OrganizationId =>
  asOrganizationId(text.replaceAll('Z', '-').replaceAll('Y', '_'));

export const isKeyShaped = (text: string): boolean => text.startsWith('ptk_');

/** Which organisation a key with this id would belong to; null for what is no id. */
export const organizationOfKey = (keyId: string): OrganizationId | null =>
  /^[a-z0-9YZ]{12,74}$/.test(keyId) ? decodeOrganization(keyId.slice(0, -ownIdLength)) : null;

/** The same command makes the same id, so that it makes one key however often it comes. */
export const keyIdFrom = (organizationId: OrganizationId, commandId: string): string =>
  `${encodeOrganization(organizationId)}${inBase32(sha256(`key ${commandId}`), ownIdLength)}`;

/** A new secret for the id, from the system's source of randomness: said once, and kept nowhere. */
export const newKey = (keyId: string): { readonly text: string; readonly hash: string } => {
  const begin = `ptk_${keyId}_${inBase32(randomBytes(randomLength), randomLength)}`;
  const text = `${begin}${checksumOf(begin)}`;
  return { text, hash: hashOf(text) };
};

/** Null for what cannot be a key, however it was mistyped. */
export const readKey = (text: string): ApiKey | null => {
  const keyId = shape.exec(text)?.[1];
  if (keyId === undefined) return null;
  if (checksumOf(text.slice(0, -checksumLength)) !== text.slice(-checksumLength)) return null;
  const organizationId = organizationOfKey(keyId);
  return organizationId && { keyId, organizationId, hash: hashOf(text) };
};

/** How long it takes says nothing of either. */
export const sameHash = (left: string, right: string): boolean =>
  timingSafeEqual(sha256(left), sha256(right));

const hashOf = (text: string): string => sha256(text).toString('hex');
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
const checksumOf = (text: string): string => inBase32(sha256(text), checksumLength);

/** Five bits of each byte. */
const inBase32 = (bytes: Buffer, length: number): string =>
  Array.from(bytes.subarray(0, length), (byte) => alphabet.charAt(byte & 31)).join('');
