export { type AgentEvent, type AgentStep, agentEvents, agentSteps } from './agent-events.ts';
export { type AuditEvent, auditEvents } from './audit-events.ts';
export { type BundleEvent, bundleEvents, type KeptGitBundle } from './bundle-events.ts';
export { type CommandEvent, commandEvents } from './command-events.ts';
export { contract, type EventContract, type EventContracts, type EventOf } from './define.ts';
export type { DomainEvent, EventMetadata, EventToAppend, RecordedEvent } from './envelope.ts';
export { eventText } from './event-text.ts';
export { type ForkedRun, forkedRun } from './forked-run.ts';
export {
  type ChainBreak,
  type ChainedEvent,
  type ChainVerdict,
  type ChainVerifier,
  chainedText,
  chainHash,
  chainVerifier,
  hashBeforeTheFirst,
  verifyChain,
} from './hash-chain.ts';
export {
  type AttemptId,
  asAttemptId,
  asOrganizationId,
  asPosition,
  asProjectId,
  asRunId,
  asTaskId,
  attemptIdOf,
  beginning,
  type Category,
  categories,
  defaultOrganization,
  isStreamName,
  type OrganizationId,
  type Position,
  type ProjectId,
  parseStreamName,
  type RunId,
  type StreamName,
  streamName,
  type TaskId,
  taskIdOf,
} from './identifiers.ts';
export { type IdentityEvent, identityEvents, type Quotas, quotas, role, roles } from './identity-events.ts';
export {
  type KnowledgeEvent,
  type KnowledgeNode,
  knowledgeEvents,
  knowledgeNode,
  memoryKinds,
  nodeKinds,
} from './knowledge-events.ts';
export { type MergeEvent, mergeEvents } from './merge-events.ts';
export { type ModelEvent, modelEvents } from './model-events.ts';
export { type Ownership, ownerOf, ownershipIn } from './ownership.ts';
export { type PlanEvent, planEvents } from './plan-events.ts';
export { type ProcessorEvent, processorEvents } from './processor-events.ts';
export { type ProjectEvent, projectEvents } from './project-events.ts';
export { type QuotaEvent, quotaEvents } from './quota-events.ts';
export {
  askByType,
  type ByType,
  type Fact,
  type FactData,
  type FactType,
  isFact,
  type Recorded,
  type RecordedAs,
  type RecordedIn,
  recordedIn,
  standsIn,
} from './recorded.ts';
export {
  createRedactor,
  type Redactor,
  type RedactorOptions,
  type SecretPattern,
  secretPatterns,
} from './redaction.ts';
export {
  type ContractTables,
  createEventRegistry,
  type EventRegistry,
  eventRegistry,
  type FactIn,
  registry,
  type Validation,
  versionOf,
} from './registry.ts';
export {
  type DocumentReference,
  documentReference,
  type Repository,
  type RunConfiguration,
  repository,
  runConfiguration,
} from './run-configuration.ts';
export { type RunEvent, runEvents } from './run-events.ts';
export { type CiStatus, ciStatuses } from './run-limit-events.ts';
export {
  type SealContent,
  type SealEvent,
  type SealedPlace,
  sealContent,
  sealEvents,
} from './seal-events.ts';
export {
  type Amount,
  addUsage,
  amount,
  type BlobReference,
  type Budget,
  blobReference,
  budget,
  type CheckResult,
  checkResult,
  type Finding,
  finding,
  noUsage,
  type Problem,
  problem,
  tokensOf,
  type Usage,
  usage,
} from './values.ts';
export { type SealedSecret, sealedSecret, type WebhookEvent, webhookEvents } from './webhook-events.ts';
export { type WorkflowEvent, workflowEvents } from './workflow-events.ts';
