import type { OperationHandler } from '../operation.ts';
import { agentOperations } from './agents.ts';
import { analyticsOperations } from './analytics.ts';
import { approvalOperations } from './approvals.ts';
import { artifactOperations } from './artifacts.ts';
import { auditOperations } from './audit.ts';
import { backtestOperations } from './backtests.ts';
import { bundleOperations } from './bundles.ts';
import { ciOperations } from './ci.ts';
import { comparingOperations } from './comparing.ts';
import { exportOperations } from './exports.ts';
import { forkOperations } from './forks.ts';
import { historyOperations } from './history.ts';
import { identityOperations } from './identity.ts';
import { invalidationOperations } from './invalidation.ts';
import { knowledgeOperations } from './knowledge.ts';
import { momentOperations } from './moments.ts';
import { projectionOperations } from './projections.ts';
import { projectOperations } from './projects.ts';
import { replayOperations } from './replay.ts';
import { runOperations } from './runs.ts';
import { subjectOperations } from './subjects.ts';
import { taskOperations } from './tasks.ts';
import { webhookOperations } from './webhooks.ts';
import { whyOperations } from './why.ts';
import { workflowOperations } from './workflows.ts';

/** Everything the API can do: see decision 0006. */
export const operations = {
  ...projectOperations,
  ...historyOperations,
  ...momentOperations,
  ...runOperations,
  ...taskOperations,
  ...agentOperations,
  ...approvalOperations,
  ...artifactOperations,
  ...workflowOperations,
  ...knowledgeOperations,
  ...invalidationOperations,
  ...projectionOperations,
  ...analyticsOperations,
  ...exportOperations,
  ...forkOperations,
  ...identityOperations,
  ...subjectOperations,
  ...webhookOperations,
  ...ciOperations,
  ...auditOperations,
  ...bundleOperations,
  ...whyOperations,
  ...replayOperations,
  ...comparingOperations,
  ...backtestOperations,
};
export type Operations = typeof operations;
export type OperationName = keyof Operations;
export type OperationHandlers = { [Name in OperationName]: OperationHandler<Operations[Name]> };

export const isOperationName = (name: string): name is OperationName => Object.hasOwn(operations, name);
