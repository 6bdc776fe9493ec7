export {
  type DependencyGraph,
  type Dependent,
  danglingReferences,
  dependencyGraph,
  topologicalLayers,
  topologicalOrder,
} from './dependency-graph.ts';
export { findCycle } from './find-cycle.ts';
export type {
  Architecture,
  Estimate,
  PlanChange,
  PlanDocument,
  Question,
  Requirement,
  Risk,
} from './plan-document.ts';
export {
  architecture,
  estimate,
  percentiles,
  planChange,
  planDocument,
  question,
  requirement,
  risk,
  scheduledSpan,
} from './plan-document.ts';
export {
  mermaidFlowchart,
  mermaidGantt,
  shortDuration,
  svgGantt,
  type TextGanttOptions,
  textGantt,
} from './rendering/index.ts';
export { replanPhase } from './replan-phase.ts';
export type { TaskDefinition } from './task-definition.ts';
export { complexities, isWork, taskDefinition, taskKinds } from './task-definition.ts';
