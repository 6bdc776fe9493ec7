import type { RunResource, RunStateResource } from '@partitura/shared/http';
import { presentAgent } from '../agents/agents.ts';
import { presentApproval } from '../approvals/approvals.ts';
import { presentBudgetState } from '../budgets/present-budget.ts';
import { presentDiscovery } from '../discoveries/discoveries.ts';
import type { RunDocument } from '../runs/runs.ts';
import { presentTask } from '../tasks/tasks.ts';
import type { RunStateAt } from './state-at.ts';

interface Range {
  readonly p50: number;
  readonly p90: number;
}
const range = ({ p50, p90 }: Range, unit = 1): Range => ({ p50: p50 / unit, p90: p90 / unit });

export const planOf = ({ proposal, acceptedRevision }: RunDocument): RunStateResource['plan'] => {
  if (proposal === null) return null;
  const { plan, planRevision, requirements, questions, tasks, width, criticalPath, criticalPathMs } =
    proposal;
  return {
    artifactId: plan.hash,
    revision: planRevision,
    status: (acceptedRevision ?? 0) >= planRevision ? 'accepted' : 'proposed',
    requirements,
    questions,
    tasks,
    width,
    criticalPath,
    criticalPathMs,
    durationMs: range(proposal.durationMs),
    costUsd: range(proposal.costMicroUsd, 1_000_000),
  };
};

export const presentState = (state: RunStateAt, run: RunResource): RunStateResource => ({
  position: state.position,
  run,
  branch: { name: run.branch, commit: run.commit },
  tasks: state.tasks.map(presentTask),
  agents: state.agents.map(presentAgent),
  budget: presentBudgetState(state.budget),
  plan: planOf(state.run),
  approvals: state.approvals.map(presentApproval),
  knowledge: {
    total: state.discoveries.filter(({ retracted }) => !retracted).length,
    nodes: state.discoveries.map(presentDiscovery),
  },
});
