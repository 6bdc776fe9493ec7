import type { RunResource, RunStateResource } from '@partitura/shared/http';
import { presentAgent } from '../agents/agents.ts';
import { presentApproval } from '../approvals/approvals.ts';
import { presentBudgetState } from '../budgets/present-budget.ts';
import { presentDiscovery } from '../discoveries/discoveries.ts';
import type { RunDocument } from '../runs/runs.ts';
import { presentTask } from '../tasks/tasks.ts';
import type { RunStateAt } from './state-at.ts';

const usd = ({ p50, p90 }: { readonly p50: number; readonly p90: number }) => ({
  p50: p50 / 1_000_000,
  p90: p90 / 1_000_000,
});

export const planOf = ({ proposal, acceptedRevision }: RunDocument): RunStateResource['plan'] => {
  if (proposal === null) return null;
  const { plan, planRevision, costMicroUsd, ...summary } = proposal;
  return {
    ...summary,
    artifactId: plan.hash,
    revision: planRevision,
    status: (acceptedRevision ?? 0) >= planRevision ? 'accepted' : 'proposed',
    costUsd: usd(costMicroUsd),
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
