import { z } from 'zod';
import { contract, type EventOf } from './define.ts';

/** What is about to be made, and counts until it is known to be there or not. */
const pending = z.array(
  z.strictObject({
    quota: z.enum(['maxProjects', 'maxConcurrentRuns']),
    /** Of the project or the run. */
    id: z.string(),
    reservedAt: z.iso.datetime(),
  }),
);

/**
 * Stream `quota-<organisation>`, owned by the gateway: there only for an organisation that has a quota. Each event says all that is
 * about to be made, so that the last one is enough to decide on.
 */
export const quotaEvents = {
  'quota.reserved': contract(
    'There was room for one more project or run, and it may be made.',
    z.strictObject({ id: z.string(), pending }),
  ),
  'quota.settled': contract(
    'It was made or refused: from now on what there is says so.',
    z.strictObject({ id: z.string(), pending }),
  ),
};
export type QuotaEvent = EventOf<typeof quotaEvents>;
