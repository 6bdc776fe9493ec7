export { agentLine } from './agent-line.ts';
export {
  type AgentFigures,
  type AnalyticsDimension,
  analyticsDimensions,
  type CostFigures,
  type ParallelismFigures,
  type QualityFigures,
  type ThroughputFigures,
} from './analytics-resources.ts';
export {
  answersBytes,
  type ByteAnswer,
  type ByteBody,
  type Bytes,
  isByteAnswer,
  isByteBody,
  takesBytes,
} from './bytes.ts';
export {
  type ApiClient,
  type ApiClientOptions,
  apiClient,
  type CallOptions,
  type EventsOptions,
  type LogLine,
} from './client.ts';
export type { ByteOperationName, ClientInput, ClientOperation, ClientOutput } from './client-types.ts';
export { type EventPlace, fromCloudEvent, placeOf, toCloudEvent } from './cloud-event.ts';
export { type Example, type Examples, examples } from './examples/index.ts';
export {
  type ColumnType,
  type ExportColumn,
  type ExportFormat,
  type ExportSchema,
  exportFormats,
} from './export-resources.ts';
export { fingerprint as clientFingerprint } from './generated/calls.ts';
export type {
  ApiKeyResource,
  AuditResource,
  MemberResource,
  OrganizationResource,
} from './identity-resources.ts';
export { auditResource } from './identity-resources.ts';
export type { RunChange, RunStateResource } from './moment-resources.ts';
export { namedSchemas } from './named-schemas.ts';
export {
  type CallContext,
  defineOperation,
  isPlain,
  type Operation,
  type OperationHandler,
  type OperationInput,
  type OperationOutput,
  type OwnerService,
  type Rights,
  type Role,
} from './operation.ts';
export type { AnalyticsQuery } from './operations/analytics.ts';
export type { HistoryQuery } from './operations/history.ts';
export {
  isOperationName,
  type OperationHandlers,
  type OperationName,
  type Operations,
  operations,
} from './operations/index.ts';
export { addKnowledgeBody } from './operations/knowledge.ts';
export { createProjectBody, updateProjectBody } from './operations/projects.ts';
export { startRunBody } from './operations/runs.ts';
export { declareSubjectBody } from './operations/subjects.ts';
export type {
  AgentResource,
  ApprovalResource,
  ArtifactResource,
  CloudEvent,
  CommentResource,
  CostResource,
  CreatedWebhookResource,
  KnowledgeNodeResource,
  ProjectResource,
  RunResource,
  RunStatus,
  TaskResource,
  TaskStatus,
  WebhookDeliveryResource,
  WebhookResource,
} from './resources.ts';
export * as resources from './resources.ts';
export type { TimelineLane, VerifiedTask } from './run-resources.ts';
export type { ErasureReport, SubjectDetailResource, SubjectResource } from './subject-resources.ts';
export { audienceOf, isShownTo, isThereFor, type Ownership, ownerOf, ownershipIn } from './tenancy.ts';
