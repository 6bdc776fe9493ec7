import { z } from 'zod';
import { contract, type EventOf } from './define.ts';
import { problem } from './values.ts';

/** Stream `processor-<service>.<name>`, owned by the service whose processor it is. */
export const processorEvents = {
  'processor.event_parked': contract(
    'An event could not be handled, however often it was tried; the processor went on without it.',
    z.strictObject({
      processor: z.string(),
      eventId: z.string(),
      position: z.string(),
      eventType: z.string(),
      problem,
      attempts: z.int(),
    }),
  ),
};
export type ProcessorEvent = EventOf<typeof processorEvents>;
