import type { Examples } from './example.ts';
import { ids, of, positions } from './samples.ts';

const fingerprint = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b';

export const bundleExamples = {
  exportRunBundle: { params: of(ids.run) },
  verifyBundle: {
    result: {
      intact: true,
      findings: [],
      bundle: {
        runId: ids.run,
        projectId: ids.project,
        organizationId: 'acme',
        fingerprint,
        trusted: false,
        events: 412,
        streams: 14,
        blobs: 96,
        missingBlobs: 0,
        branches: { [`partitura/${ids.run}`]: '3f9a1c2e5b7d4a60c8e1f2a3b4c5d6e7f8091a2b' },
        repositoryMissing: null,
      },
    },
  },
  importBundle: {
    query: { trust: fingerprint },
    result: {
      runId: ids.run,
      projectId: ids.project,
      changed: true,
      events: 412,
      blobs: 96,
      repository: `imported/${ids.run}.git`,
      fingerprint,
      position: positions.now,
    },
  },
} satisfies Examples;
