import { z } from 'zod';
import { canonicalJson, sha256 } from '../canonical/index.ts';
import { fingerprintOf, isSignedBy, type SigningKey } from '../sealing/signing-key.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const size = z.int().nonnegative();

/** What the signature covers: everything else in the bundle is named here by its SHA-256. */
export const bundleContent = z.strictObject({
  format: z.literal('partitura-bundle'),
  version: z.literal(1),
  runId: z.string(),
  projectId: z.string(),
  /** Whose it was. */
  organizationId: z.string().nullable(),
  /** `head` is that of the chain over all of them, in their order: see `sealing/log-chain.ts`. */
  events: z.strictObject({ count: size, size, sha256: hash, head: hash }),
  /** Each from its first event on; of a project's, and of a parent's, as far as the run needs it. */
  streams: z.array(z.strictObject({ stream: z.string(), events: z.int().positive(), head: hash })),
  blobs: z.array(z.strictObject({ hash, size })),
  /** Named by an event, and not to be had any more where the bundle was made. */
  missingBlobs: z.array(hash),
  /** A git bundle, and its branches with their commits. */
  repository: z.strictObject({ size, sha256: hash, branches: z.record(z.string(), z.string()) }).nullable(),
  /** Why there is none. */
  repositoryMissing: z.string().nullable(),
  /** Ed25519, in hex. */
  publicKey: hash,
  fingerprint: z.string(),
});
export type BundleContent = z.infer<typeof bundleContent>;

const bundleManifest = bundleContent.extend({ signature: z.string().regex(/^[0-9a-f]{128}$/) });
export type BundleManifest = z.infer<typeof bundleManifest>;

export const signedManifest = (
  content: Omit<BundleContent, 'publicKey' | 'fingerprint'>,
  { publicKey, fingerprint, sign }: SigningKey,
): BundleManifest => {
  const whole = { ...content, publicKey, fingerprint };
  return { ...whole, signature: sign(canonicalJson(whole)) };
};

/** As it stands in the bundle, letter by letter. */
export const manifestText = (manifest: BundleManifest): string => canonicalJson(manifest);

/** What a manifest is named by. */
export const manifestHash = (manifest: BundleManifest): string => sha256(manifestText(manifest));

/** The manifest, or why it is none, or not what was signed. */
export const readManifest = (
  text: string,
): { readonly manifest: BundleManifest } | { readonly fault: string } => {
  const parsed = bundleManifest.safeParse(parsedJson(text));
  if (!parsed.success) return { fault: 'it is not the manifest of a bundle that this program knows' };
  const { signature, ...content } = parsed.data;
  if (manifestText(parsed.data) !== text) return { fault: 'it is not written as it was' };
  if (fingerprintOf(content.publicKey) !== content.fingerprint)
    return { fault: 'the fingerprint in it is not that of its key' };
  return isSignedBy(content.publicKey, canonicalJson(content), signature)
    ? { manifest: parsed.data }
    : { fault: 'its signature does not fit what it says' };
};

const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
