import { z } from 'zod';
import { workflow } from '../workflows/definition.ts';
import { contract, type EventOf } from './define.ts';

/** Stream `workflow-<organisation>`, owned by the orchestrator: an organisation's own ways of working, all of them. */
export const workflowEvents = {
  'workflow.published': contract(
    'A way of working, in a version that never changes. Runs that exist keep the one they were started with.',
    z.strictObject({ workflow }),
  ),
};
export type WorkflowEvent = EventOf<typeof workflowEvents>;
