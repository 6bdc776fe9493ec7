import { z } from 'zod';
import { agentSteps, finding } from '../events/index.ts';

/** What the API shows: the shapes of CONTRACT, also those of the read models' documents. */

const time = z.iso.datetime();

export const usageResource = z.strictObject({
  inputTokens: z.int(),
  outputTokens: z.int(),
  cacheReadTokens: z.int(),
  cacheWriteTokens: z.int(),
  costUsd: z.number(),
  calls: z.int(),
});

export const budgetResource = z.strictObject({
  usd: z.number().nullable(),
  tokens: z.int().nullable(),
  wallMs: z.int().nullable(),
  onExceed: z.enum(['stop', 'pause']),
  thresholds: z.array(z.number()),
});

export const projectStatuses = ['ready', 'running', 'paused', 'completed', 'failed', 'archived'] as const;
export const projectResource = z.strictObject({
  id: z.string(),
  name: z.string(),
  status: z.enum(projectStatuses),
  title: z.string(),
  repository: z.strictObject({ url: z.string(), baseBranch: z.string() }),
  workflow: z.string(),
  phase: z.string().nullable(),
  prdRevision: z.int(),
  prd: z.strictObject({ name: z.string(), words: z.int(), artifactId: z.string() }),
  budget: budgetResource.nullable(),
  usage: usageResource,
  runs: z.int(),
  lastRunId: z.string().nullable(),
  createdAt: time,
  updatedAt: time,
  revision: z.int(),
  position: z.string(),
});
export type ProjectResource = z.infer<typeof projectResource>;

export const runStatuses = [
  'queued',
  'running',
  'paused',
  'completed',
  'failed',
  'cancelled',
  'stopped_budget',
  'stopped_policy',
  // Imported as the past of a fork, and no further.
  'excerpt',
] as const;
export type RunStatus = (typeof runStatuses)[number];

export const runResource = z.strictObject({
  id: z.string(),
  projectId: z.string(),
  projectName: z.string(),
  workflow: z.string(),
  model: z.string(),
  status: z.enum(runStatuses),
  /** Why it stands where it stands: the reason of a pause, a failure, a stop. */
  statusDetail: z.string().nullable(),
  phase: z.string().nullable(),
  repository: z.strictObject({ url: z.string(), baseBranch: z.string() }).nullable(),
  branch: z.string().nullable(),
  commit: z.string().nullable(),
  rehearsal: z.boolean(),
  tasks: z.strictObject({
    total: z.int(),
    pending: z.int(),
    running: z.int(),
    completed: z.int(),
    failed: z.int(),
    deadLettered: z.int(),
  }),
  agents: z.int(),
  requirements: z.int(),
  requirementsMet: z.int(),
  /** Of a fork: those for which it was told to do nothing. They are not met, and nothing failed. */
  requirementsDropped: z.int().optional(),
  usage: usageResource,
  /** Of a fork: what its past cost, which its parent paid. It is not in `usage`. */
  inheritedUsage: usageResource.optional(),
  budget: budgetResource.nullable(),
  pendingApprovals: z.int(),
  createdAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  revision: z.int(),
  position: z.string(),
  forkedFrom: z.strictObject({ runId: z.string(), position: z.string() }).nullable(),
});
export type RunResource = z.infer<typeof runResource>;

export const taskStatuses = [
  'pending',
  'ready',
  'scheduled',
  'running',
  'in_review',
  'completed',
  'failed',
  'blocked',
  'dead_letter',
  'cancelled',
] as const;
export type TaskStatus = (typeof taskStatuses)[number];

export const taskResource = z.strictObject({
  id: z.string(),
  runId: z.string(),
  projectId: z.string(),
  key: z.string(),
  parentId: z.string().nullable(),
  kind: z.string(),
  title: z.string(),
  description: z.string(),
  agentType: z.string(),
  status: z.enum(taskStatuses),
  phase: z.string(),
  priority: z.int(),
  complexity: z.int(),
  dependsOn: z.array(z.string()),
  acceptanceCriteria: z.array(z.string()),
  requirementIds: z.array(z.string()),
  attempts: z.int(),
  agentId: z.string().nullable(),
  usage: usageResource,
  /** In a fork: what of `usage` the parent paid. */
  inheritedUsage: usageResource.optional(),
  estimate: z.strictObject({ tokens: z.int() }),
  branch: z.string().nullable(),
  commit: z.string().nullable(),
  findings: z.array(finding),
  startedAt: time.nullable(),
  completedAt: time.nullable(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  comments: z.int(),
  revision: z.int(),
  position: z.string(),
});
export type TaskResource = z.infer<typeof taskResource>;

export const agentStatuses = ['running', 'waiting', 'succeeded', 'failed', 'cancelled'] as const;
export const agentResource = z.strictObject({
  id: z.string(),
  runId: z.string(),
  projectId: z.string(),
  taskId: z.string(),
  attempt: z.int(),
  type: z.string(),
  model: z.string(),
  status: z.enum(agentStatuses),
  step: z.enum(agentSteps).nullable(),
  cycle: z.int(),
  usage: usageResource,
  /** In a fork: what of `usage` the parent paid. */
  inheritedUsage: usageResource.optional(),
  startedAt: time,
  endedAt: time.nullable(),
  branch: z.string().nullable(),
  commit: z.string().nullable(),
  /** What it did last, in a few words. */
  lastLine: z.string(),
  toolCalls: z.int(),
  crashes: z.int(),
  revision: z.int(),
  position: z.string(),
});
export type AgentResource = z.infer<typeof agentResource>;

export const artifactResource = z.strictObject({
  /** The SHA-256 of its content. */
  id: z.string(),
  runId: z.string().nullable(),
  projectId: z.string(),
  taskId: z.string().nullable(),
  kind: z.enum([
    'prd',
    'requirements',
    'architecture',
    'plan',
    'prompt',
    'answer',
    'tool_result',
    'check_output',
  ]),
  name: z.string(),
  contentType: z.string(),
  size: z.int(),
  preview: z.string(),
  createdAt: time,
  position: z.string(),
});
export type ArtifactResource = z.infer<typeof artifactResource>;

export const approvalStatuses = ['pending', 'granted', 'denied', 'expired'] as const;
export const approvalResource = z.strictObject({
  id: z.string(),
  runId: z.string(),
  projectId: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.string(),
  status: z.enum(approvalStatuses),
  requestedAt: time,
  expiresAt: time.nullable(),
  decidedAt: time.nullable(),
  decidedBy: z.string().nullable(),
  revision: z.int(),
  position: z.string(),
});
export type ApprovalResource = z.infer<typeof approvalResource>;

export const commentResource = z.strictObject({
  id: z.string(),
  taskId: z.string(),
  author: z.string(),
  text: z.string(),
  createdAt: time,
});
export type CommentResource = z.infer<typeof commentResource>;

export const knowledgeNodeResource = z.strictObject({
  id: z.string(),
  projectId: z.string(),
  kind: z.string(),
  memory: z.string(),
  title: z.string(),
  content: z.string(),
  tags: z.array(z.string()),
  importance: z.number(),
  usedCount: z.int(),
  score: z.number(),
  retracted: z.boolean(),
  createdAt: time,
  provenance: z.strictObject({
    eventId: z.string(),
    position: z.string(),
    runId: z.string().nullable(),
    taskId: z.string().nullable(),
    agentId: z.string().nullable(),
    commit: z.string().nullable(),
    /** The person who said so; absent for what was drawn from what agents did. */
    author: z.string().optional(),
  }),
});
export type KnowledgeNodeResource = z.infer<typeof knowledgeNodeResource>;

export const webhookResource = z.strictObject({
  id: z.string(),
  url: z.string(),
  description: z.string(),
  /** Empty: all. */
  types: z.array(z.string()),
  projectIds: z.array(z.string()),
  runIds: z.array(z.string()),
  enabled: z.boolean(),
  /** `gone`: the consumer answered 410. */
  disabledReason: z.enum(['operator', 'gone']).nullable(),
  createdAt: time,
  updatedAt: time,
  revision: z.int(),
  position: z.string(),
});
export type WebhookResource = z.infer<typeof webhookResource>;

/** With its secret, which is shown once. */
export const createdWebhookResource = z.strictObject({
  ...webhookResource.shape,
  secret: z.string().nullable(),
});
export type CreatedWebhookResource = z.infer<typeof createdWebhookResource>;

/** `cancelled`: it waited when its webhook was removed. */
export const deliveryStatuses = ['pending', 'delivered', 'dead_letter', 'cancelled'] as const;
export const webhookDeliveryResource = z.strictObject({
  /** The consumer sees it as `webhook-id`. */
  id: z.string(),
  webhookId: z.string(),
  eventId: z.string(),
  eventType: z.string(),
  projectId: z.string().nullable(),
  runId: z.string().nullable(),
  status: z.enum(deliveryStatuses),
  attempts: z.int(),
  queuedAt: time,
  lastAttemptAt: time.nullable(),
  nextAttemptAt: time.nullable(),
  /** Of the last attempt. */
  responseStatus: z.int().nullable(),
  latencyMs: z.int().nullable(),
  responseHead: z.string().nullable(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  /** Of the event. */
  position: z.string(),
});
export type WebhookDeliveryResource = z.infer<typeof webhookDeliveryResource>;

/** CloudEvents 1.0 JSON: how an event leaves the house, whichever way. */
export const cloudEvent = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  subject: z.string(),
  time,
  datacontenttype: z.literal('application/json'),
  dataversion: z.int(),
  position: z.string(),
  revision: z.int(),
  actor: z.string(),
  correlationid: z.string(),
  causationid: z.string().nullable(),
  organizationid: z.string().optional(),
  projectid: z.string().optional(),
  runid: z.string().optional(),
  traceparent: z.string().optional(),
  hash: z.string(),
  data: z.unknown(),
});
export type CloudEvent = z.infer<typeof cloudEvent>;

export const costLine = z.strictObject({ key: z.string(), usage: usageResource });
export const costResource = z.strictObject({
  runId: z.string(),
  total: usageResource,
  /** Of a fork: what its past cost, which its parent paid. In no other figure. */
  inherited: usageResource.optional(),
  byModel: z.array(costLine),
  byPhase: z.array(costLine),
  byAgentType: z.array(costLine),
  position: z.string(),
});
export type CostResource = z.infer<typeof costResource>;
