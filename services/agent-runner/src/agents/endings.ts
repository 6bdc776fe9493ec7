import type { AgentEvent, Finding, Problem } from '@partitura/shared/events';
import type { Assignment } from './assignment.ts';
import { isWorthEscalating } from './model-problems.ts';
import type { AgentState } from './state.ts';

/** The three ways an attempt ends. */

export const succeeded = (
  state: AgentState,
  assignment: Assignment,
  outcome: { readonly summary?: string; readonly findings?: readonly Finding[] } = {},
): AgentEvent => ({
  type: 'agent.finished',
  data: {
    outcome: 'succeeded',
    taskId: assignment.taskId,
    summary: outcome.summary ?? state.reflection ?? assignment.task.title,
    // Without a commit there is nothing to merge.
    branch: state.commit === null ? null : assignment.branch,
    commit: state.commit,
    usage: state.usage,
    requirementIds: [...assignment.task.requirementIds],
    findings: [...(outcome.findings ?? [])],
  },
});

export const failed = (
  state: AgentState,
  assignment: Pick<Assignment, 'taskId'>,
  problem: Problem,
  escalate = isWorthEscalating(problem.code),
): AgentEvent => ({
  type: 'agent.finished',
  data: {
    outcome: 'failed',
    taskId: assignment.taskId,
    problem: { code: problem.code, message: problem.message },
    usage: state.usage,
    escalate,
  },
});

export const cancelled = (state: AgentState, assignment: Assignment, reason: string): AgentEvent => ({
  type: 'agent.finished',
  data: { outcome: 'cancelled', taskId: assignment.taskId, reason, usage: state.usage },
});
