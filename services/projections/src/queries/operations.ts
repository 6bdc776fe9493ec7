import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import { historyQueries } from '../history/history-queries.ts';
import { momentQueries } from '../moments/moment-queries.ts';
import type { Moments } from '../moments/state-at.ts';
import { asking } from './asking.ts';
import { projectQueries } from './project-queries.ts';
import type { Readers } from './readers.ts';
import { runQueries } from './run-queries.ts';
import { workQueries } from './work-queries.ts';

export interface Asked {
  readonly blobs: BlobStore;
  readonly store: EventStore;
  readonly moments: Moments;
}

/** Every question that the read models answer. */
export const queryHandlers = (readers: Readers, { blobs, store, moments }: Asked) => {
  const ask = asking(readers);
  return {
    ...projectQueries(readers, ask),
    ...runQueries(readers, ask, blobs),
    ...workQueries(readers, ask),
    ...historyQueries(readers, store),
    ...momentQueries(readers, moments),
  };
};
