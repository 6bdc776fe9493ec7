import { agentType, isAgentType } from '@partitura/shared/agents';
import { PartituraError } from '@partitura/shared/runtime';
import { type Assignment, defaultLimits, type Mode } from '../agents/assignment.ts';
import { branchOf } from '../agents/workplace.ts';
import type { RunView } from '../runs/run-view.ts';

/** The job's payload on the queue `attempts`. */
export interface AttemptJob {
  readonly runId: string;
  readonly taskId: string;
  readonly attemptId: string;
}

/**
 * What the run's stream says of an attempt; null when it is over or was never scheduled.
 * @throws {PartituraError} `UNKNOWN_AGENT_TYPE`, `RUN_INCOMPLETE`
 */
export const assignmentOf = (view: RunView, { taskId, attemptId }: AttemptJob): Assignment | null => {
  const scheduled = view.attempts.get(attemptId);
  if (!scheduled) return null;
  const task = view.tasks.get(taskId);
  const { configuration } = view;
  if (!task || !configuration) {
    throw new PartituraError('RUN_INCOMPLETE', `Run ${view.runId} says nothing of task ${taskId}.`);
  }
  const { repository, branch: runBranch, workflow } = configuration;
  const mode = modeOf(task.definition.kind, scheduled.agentType, repository !== null);
  return {
    projectId: view.projectId,
    runId: view.runId,
    taskId,
    attemptId,
    attempt: scheduled.attempt,
    task: task.definition,
    agentType: scheduled.agentType,
    model: scheduled.model,
    mode,
    repository,
    runBranch,
    startingCommit: view.startingCommit,
    branch: mode === 'work' ? branchOf(attemptId) : null,
    maxCycles: workflow.policy.maxCycles,
    limits: defaultLimits,
  };
};

const modeOf = (kind: string, type: string, hasRepository: boolean): Mode => {
  if (kind === 'review' || (isAgentType(type) && agentType(type).group === 'review')) return 'review';
  return hasRepository ? 'work' : 'plain';
};
