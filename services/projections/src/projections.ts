import { agents } from './agents/agents.ts';
import { facts } from './analytics/facts/facts.ts';
import { approvals } from './approvals/approvals.ts';
import { artifacts } from './artifacts/artifacts.ts';
import { audit } from './audit/audit.ts';
import { budgets } from './budgets/budgets.ts';
import { comments } from './comments/comments.ts';
import { costs } from './costs/costs.ts';
import { discoveries } from './discoveries/discoveries.ts';
import type { Projection } from './folding/projection.ts';
import { history } from './history/history.ts';
import { projects } from './projects/projects.ts';
import { runs } from './runs/runs.ts';
import { tasks } from './tasks/tasks.ts';

/** Every read model there is. */
export const projections: readonly Projection[] = [
  projects,
  runs,
  tasks,
  agents,
  artifacts,
  approvals,
  comments,
  costs,
  budgets,
  discoveries,
  history,
  audit,
  facts,
];
