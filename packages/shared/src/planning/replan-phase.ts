/**
 * What the planner is asked to do when a plan is to be changed, in the place of a phase's id. No phase of a workflow can be called
 * this; its visits are the run's re-plannings.
 */
export const replanPhase = '~replan';
