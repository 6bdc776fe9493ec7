import type { BlobStore } from '@partitura/shared/blobs';
import { historyQueries } from '../history/history-queries.ts';
import { momentQueries } from '../moments/moment-queries.ts';
import { asking } from './asking.ts';
import { projectQueries } from './project-queries.ts';
import type { Readers } from './readers.ts';
import { runQueries } from './run-queries.ts';
import { workQueries } from './work-queries.ts';

/** Every question that the read models answer. */
export const queryHandlers = (readers: Readers, blobs: BlobStore) => {
  const ask = asking(readers);
  return {
    ...projectQueries(readers, ask),
    ...runQueries(readers, ask, blobs),
    ...workQueries(readers, ask),
    ...historyQueries(ask),
    ...momentQueries(readers),
  };
};
