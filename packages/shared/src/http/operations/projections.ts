import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accepted, byId, nothing, pageOf, query, read } from './shapes.ts';

export const projectionOperations = {
  listProjections: query(
    '/projections',
    'Read models, how far each has come, and how far behind.',
    read,
    pageOf(
      z.strictObject({
        name: z.string(),
        version: z.int(),
        position: z.string(),
        lag: z.int(),
        status: z.enum(['live', 'rebuilding']),
        /** Of a rebuild: how many events of the log it has behind it, of how many there were when it began. */
        progress: z.strictObject({ events: z.int(), total: z.int().nullable() }).nullable(),
      }),
    ),
  ),
  rebuildProjection: defineOperation({
    method: 'POST',
    path: '/projections/:id/rebuild',
    owner: 'projections',
    role: 'admin',
    summary: 'Build a read model again from the log, beside the live one, then switch.',
    params: byId,
    query: nothing,
    body: null,
    result: accepted,
    status: 202,
  }),
};
