import { z } from 'zod';
import { runDiff, runState } from '../moment-resources.ts';
import { queryOf, reading } from './shapes.ts';

const moment = z.string().min(1).max(200);

/** A run as it stood. A moment is a position, that event included, or a time: all before the first event that is later. */
export const momentOperations = {
  getRunState: queryOf(
    '/runs/:id/state',
    'The run as it stands, or stood at a position or time: the very read models of then.',
    z.strictObject({ ...reading, at: moment.optional() }),
    runState,
  ),
  getRunDiff: queryOf(
    '/runs/:id/diff',
    'What changed in a run from one moment to a later one: by default from its beginning until now.',
    z.strictObject({ ...reading, from: moment.optional(), to: moment.optional() }),
    runDiff,
  ),
};
