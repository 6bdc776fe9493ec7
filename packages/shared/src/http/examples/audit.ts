import type { Examples } from './example.ts';
import { ids, positions } from './samples.ts';

export const auditExamples = {
  verifyAudit: {
    query: { runId: ids.run },
    result: {
      intact: false,
      events: 412,
      streams: 14,
      seals: 0,
      unsealed: 412,
      witnessed: 412,
      findings: [
        {
          kind: 'changed',
          eventId: 'c_9a1b2c3d4e/0',
          stream: `run-${ids.run}`,
          revision: 12,
          position: positions.earlier,
          sentence: `run-${ids.run} (revision 12) is not the event that the read models read: it was changed.`,
        },
      ],
      more: false,
    },
  },
} satisfies Examples;
