import { z } from 'zod';
import { answersBytes, takesBytes } from '../bytes.ts';
import { defineOperation } from '../operation.ts';
import { byId, nothing } from './shapes.ts';

const archive = 'application/x-tar';
/** Of prompts, answers and a repository's history; more than that is rather moved by its own means. */
const mostBytes = 8 * 1024 ** 3;

const fingerprint = z.string().regex(/^[0-9a-f]{40}$/, 'has to be a fingerprint of 40 characters');

export const bundleVerdict = z.strictObject({
  intact: z.boolean(),
  findings: z.array(z.strictObject({ entry: z.string().nullable(), sentence: z.string() })),
  /** What the manifest says; null when it cannot be read. */
  bundle: z
    .strictObject({
      runId: z.string(),
      projectId: z.string(),
      organizationId: z.string().nullable(),
      /** Of the key that signed it. */
      fingerprint: z.string(),
      /** Whether that key is good here. */
      trusted: z.boolean(),
      events: z.int().nonnegative(),
      streams: z.int().nonnegative(),
      blobs: z.int().nonnegative(),
      missingBlobs: z.int().nonnegative(),
      branches: z.record(z.string(), z.string()).nullable(),
      repositoryMissing: z.string().nullable(),
    })
    .nullable(),
});
export type BundleVerdictResource = z.infer<typeof bundleVerdict>;

export const importedBundle = z.strictObject({
  runId: z.string(),
  projectId: z.string(),
  /** False when all of it was here before. */
  changed: z.boolean(),
  events: z.int().nonnegative(),
  blobs: z.int().nonnegative(),
  /** Where its branches are, below the runner’s data directory; null without any. */
  repository: z.string().nullable(),
  fingerprint: z.string(),
  position: z.string(),
});

export const bundleOperations = {
  exportRunBundle: defineOperation({
    method: 'GET',
    path: '/runs/:id/bundle',
    owner: 'agent-runner',
    role: 'viewer',
    summary: 'A run that has ended as one signed file: its events, their blobs, its branches.',
    params: byId,
    query: nothing,
    body: null,
    status: 200,
    ...answersBytes(archive),
  }),
  verifyBundle: defineOperation({
    method: 'POST',
    path: '/bundles/verify',
    owner: 'agent-runner',
    role: 'viewer',
    summary: 'Whether a bundle is what was signed, and which part is not.',
    params: nothing,
    query: nothing,
    result: bundleVerdict,
    status: 200,
    bodyLimit: mostBytes,
    ...takesBytes(archive),
  }),
  importBundle: defineOperation({
    method: 'POST',
    path: '/bundles',
    owner: 'agent-runner',
    role: 'admin',
    summary: 'Bring the run of a bundle in, exactly as it was recorded.',
    description:
      'For whoever runs the installation: the events of a bundle name their organisation themselves. The run is history here: nothing of it is scheduled, sent or told to webhooks. `trust` names the key of a bundle that was signed elsewhere. The same bundle again changes nothing; an import that broke off goes on.',
    params: nothing,
    query: z.strictObject({ trust: fingerprint.optional() }),
    result: importedBundle,
    status: 200,
    bodyLimit: mostBytes,
    ...takesBytes(archive),
  }),
};
