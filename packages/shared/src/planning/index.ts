export {
  architecture,
  estimate,
  percentiles,
  planDocument,
  question,
  requirement,
  risk,
  scheduledSpan,
} from './plan-document.ts';
export type { Architecture, Estimate, PlanDocument, Question, Requirement, Risk } from './plan-document.ts';
export { complexities, isWork, taskDefinition, taskKinds } from './task-definition.ts';
export type { TaskDefinition } from './task-definition.ts';
