import { z } from 'zod';
import { contract, type EventOf } from './define.ts';
import { checkResult, problem } from './values.ts';

const attempt = { taskId: z.string(), attemptId: z.string() };

/** Stream `merge-<run>`, owned by the agent-runner: one branch after the other into the run's branch. */
export const mergeEvents = {
  'merge.queued': contract(
    'A finished branch waits its turn.',
    z.strictObject({ ...attempt, branch: z.string(), commit: z.string() }),
  ),
  'merge.started': contract(
    'A runner merges the branch now; nothing else is merged into the run’s branch meanwhile. Again: another runner took over.',
    z.strictObject({ ...attempt, runner: z.string(), claim: z.string() }),
  ),
  'merge.interrupted': contract(
    'The runner let go of a merge that it had started. The branch waits again, and others may come first.',
    z.strictObject({ ...attempt, claim: z.string(), problem }),
  ),
  'merge.completed': contract(
    'The branch is in the run’s branch, and the checks passed after it.',
    z.strictObject({
      ...attempt,
      commit: z.string(),
      checks: z.array(checkResult),
      /** `attempt`: the merge left the very files that the attempt's own checks had passed on, so they were not run again. */
      checkedBy: z.enum(['merge', 'attempt']).optional(),
    }),
  ),
  'merge.rechecked': contract(
    'The project’s checks were run again on a commit, because somebody asked; nothing was merged for it.',
    z.strictObject({
      taskId: z.string(),
      requestId: z.string(),
      commit: z.string(),
      checks: z.array(checkResult),
      /** Why they could not be run; null when they were. */
      problem: problem.nullable(),
    }),
  ),
  'merge.conflicted': contract(
    'The branch and the run’s branch changed the same lines.',
    z.strictObject({ ...attempt, branch: z.string(), files: z.array(z.string()) }),
  ),
  'merge.rejected': contract(
    'It merged, but the checks fail with it: the run’s branch stays as it was.',
    z.strictObject({ ...attempt, branch: z.string(), checks: z.array(checkResult), problem }),
  ),
};
export type MergeEvent = EventOf<typeof mergeEvents>;
