import type { Run } from './state.ts';

/** Over when the plan was decided on and the planner has told what it spent, whichever comes first. */
const close = (run: Run): void => {
  if (run.replanning?.settled && run.replanning.over) run.replanning = null;
};

/** The changed plan was accepted, or there will be none. */
export const endReplan = (run: Run): void => {
  if (run.replanning) run.replanning.over = true;
  close(run);
};

/** The planner is done. */
export const settleReplan = (run: Run): void => {
  if (run.replanning) run.replanning.settled = true;
  close(run);
};
