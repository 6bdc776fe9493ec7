import type { EventMetadata } from '../events/index.ts';

/** Puts personal data into a form that can be made unreadable later. What has none in it comes back as it is. */
export interface EventSealing {
  data(data: unknown, metadata: EventMetadata): unknown;
  metadata(metadata: EventMetadata): EventMetadata;
}

/** Where nobody's data can be erased. */
export const noSealing: EventSealing = { data: (data) => data, metadata: (metadata) => metadata };
