import { z } from 'zod';
import { contract, type EventOf } from './define.ts';

/** A git bundle as it came, in pieces that are blobs: no process holds the whole of it. */
export const keptGitBundle = z.strictObject({
  size: z.int().nonnegative(),
  sha256: z.string(),
  /** SHA-256 of each piece, in order. */
  parts: z.array(z.string()),
});
export type KeptGitBundle = z.infer<typeof keptGitBundle>;

const range = z.strictObject({ from: z.int().nonnegative(), through: z.int().nonnegative() });

/** Stream `bundle-<run>`, owned by the agent-runner: where a run came from that was not made here. */
export const bundleEvents = {
  'bundle.import_started': contract(
    'A run of another installation is brought in. Recorded before its first event, so that nobody takes up what is long over.',
    z.strictObject({
      runId: z.string(),
      projectId: z.string(),
      /** SHA-256 of the bundle’s manifest: which bundle it was. */
      manifest: z.string(),
      /** Of the key that signed it. */
      fingerprint: z.string(),
      /** By stream: the revisions that are restored. What stands before them was here already. */
      streams: z.record(z.string(), range),
    }),
  ),
  'bundle.imported': contract(
    'All of it is here.',
    z.strictObject({
      manifest: z.string(),
      events: z.int().nonnegative(),
      blobs: z.int().nonnegative(),
      /** Where its git branches are kept, below the data directory of a runner; null without any. */
      repository: z.string().nullable(),
      /** Of which any runner makes that again that lacks it. */
      gitBundle: keptGitBundle.optional(),
      /** Runs of which only what a fork had inherited is here: nothing goes on in them. */
      excerpts: z.array(z.string()).optional(),
    }),
  ),
};
export type BundleEvent = EventOf<typeof bundleEvents>;
