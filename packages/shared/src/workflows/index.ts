import { architectPlanSwarm } from './architect-plan-swarm.ts';
import type { Workflow } from './definition.ts';

export { architectPlanSwarm } from './architect-plan-swarm.ts';
export type { Condition, Phase, Workflow } from './definition.ts';
export { condition, facts, phase, route, workflow } from './definition.ts';

export const defaultWorkflowName = architectPlanSwarm.name;

/** The ways of working that come with the program, by name. */
export const builtInWorkflows: ReadonlyMap<string, Workflow> = new Map([
  [architectPlanSwarm.name, architectPlanSwarm],
]);
