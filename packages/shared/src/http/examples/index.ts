import { analyticsExamples } from './analytics.ts';
import { auditExamples } from './audit.ts';
import { backtestExamples } from './backtests.ts';
import { bundleExamples } from './bundles.ts';
import { ciExamples } from './ci.ts';
import { comparingExamples } from './comparing.ts';
import type { Examples } from './example.ts';
import { exportExamples } from './exports.ts';
import { forkExamples } from './forks.ts';
import { historyExamples } from './history.ts';
import { identityExamples } from './identity.ts';
import { invalidationExamples } from './invalidation.ts';
import { knowledgeExamples } from './knowledge.ts';
import { momentExamples } from './moments.ts';
import { projectExamples } from './projects.ts';
import { replayExamples } from './replay.ts';
import { runExamples } from './runs.ts';
import { subjectExamples } from './subjects.ts';
import { webhookExamples } from './webhooks.ts';
import { whyExamples } from './why.ts';
import { workExamples } from './work.ts';

export type { Example, Examples } from './example.ts';

/** A request and an answer of each operation, for the document and for whoever tries it out. */
export const examples: Examples = {
  ...projectExamples,
  ...historyExamples,
  ...momentExamples,
  ...runExamples,
  ...workExamples,
  ...knowledgeExamples,
  ...invalidationExamples,
  ...forkExamples,
  ...identityExamples,
  ...subjectExamples,
  ...webhookExamples,
  ...analyticsExamples,
  ...exportExamples,
  ...ciExamples,
  ...auditExamples,
  ...bundleExamples,
  ...whyExamples,
  ...replayExamples,
  ...comparingExamples,
  ...backtestExamples,
};
