import type { Examples } from './example.ts';
import { ids, positions } from './samples.ts';

const policy = { budget: { usd: 2 }, retries: { maxAttempts: 2 } };
const saved = { tokens: 12_400, costUsd: 0.07, wallMs: 184_000 };

export const backtestExamples = {
  backtestPolicy: {
    body: { runIds: [ids.run], policy },
    result: {
      policy,
      runs: [
        {
          runId: ids.run,
          projectId: ids.project,
          status: 'completed',
          stops: [
            {
              setting: 'retries.maxAttempts',
              action: 'dead_letter',
              subject: ids.task,
              detail: 'Its failure 2 would have been the last: VERIFICATION_FAILED',
              eventId: 'c_9a1b2c3d4e/0',
              position: positions.now,
              time: '2026-03-02T08:41:12.402Z',
              saved,
              wrongly: true,
              outcome: 'The task was completed.',
            },
          ],
          saved,
          unknown: [],
        },
      ],
      total: { runs: 1, stopped: 1, stops: 1, wrongStops: 1, saved, unknown: 0 },
      truncated: false,
    },
  },
} satisfies Examples;
