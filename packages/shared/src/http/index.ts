export { agentLine } from './agent-line.ts';
export {
  type ApiClient,
  type ApiClientOptions,
  apiClient,
  type CallOptions,
  type ClientInput,
  type EventsOptions,
  type LogLine,
} from './client.ts';
export { type EventPlace, fromCloudEvent, placeOf, toCloudEvent } from './cloud-event.ts';
export {
  type CallContext,
  defineOperation,
  type Operation,
  type OperationHandler,
  type OperationInput,
  type OperationOutput,
  type OwnerService,
  type Role,
} from './operation.ts';
export {
  createProjectBody,
  isOperationName,
  type OperationHandlers,
  type OperationName,
  type Operations,
  operations,
  startRunBody,
} from './operations.ts';
export type {
  AgentResource,
  ApprovalResource,
  ArtifactResource,
  CloudEvent,
  CommentResource,
  CostResource,
  KnowledgeNodeResource,
  ProjectResource,
  RunResource,
  RunStatus,
  TaskResource,
  TaskStatus,
} from './resources.ts';
export * as resources from './resources.ts';
