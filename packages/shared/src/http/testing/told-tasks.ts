import {
  type AgentEvent,
  type AttemptId,
  attemptIdOf,
  type MergeEvent,
  type RunEvent,
  type RunId,
  type TaskId,
  taskIdOf,
} from '../../events/index.ts';
import { blob, hashOf, problem, usageOf } from './made-up.ts';

const deadline = '2026-01-01T01:00:00.000Z';

/** Who tells of the work: the run, its merges, and each agent. */
export interface Voices {
  readonly run: (event: RunEvent) => void;
  readonly merge: (event: MergeEvent) => void;
  readonly agent: (attemptId: AttemptId) => (event: AgentEvent) => void;
}

/** One attempt, with a crash in the middle. */
const tellAttempt = (voices: Voices, taskId: TaskId, attempt: number, fails: boolean): AttemptId => {
  const { run, merge } = voices;
  const attemptId = attemptIdOf(taskId, attempt);
  const names = { taskId, attemptId };
  const agent = voices.agent(attemptId);
  const branch = `partitura-task/${attemptId}`;
  run({
    type: 'task.scheduled',
    data: {
      ...names,
      attempt,
      agentType: 'eng-backend',
      model: 'rehearsal/small',
      reservation: { tokens: 1_000, microUsd: 1_000 },
      deadlineAt: deadline,
    },
  });
  agent({
    type: 'agent.spawned',
    data: {
      taskId,
      attempt,
      agentType: 'eng-backend',
      model: 'rehearsal/small',
      runner: 'runner-1',
      allowance: null,
      branch,
    },
  });
  run({ type: 'task.started', data: { ...names, at: '2026-01-01T00:00:10.000Z' } });
  agent({
    type: 'agent.workspace_prepared',
    data: { branch, baseCommit: 'b'.repeat(40), sandbox: 'bubblewrap' },
  });
  agent({ type: 'agent.step_entered', data: { step: 'reason', cycle: 1 } });
  const agentCall = { callId: `${attemptId}/1`, model: 'rehearsal/small' };
  agent({
    type: 'model.requested',
    data: {
      ...agentCall,
      purpose: 'act',
      request: blob('Do it.', hashOf(6)),
      reserved: { tokens: 9, microUsd: 9 },
    },
  });
  agent({
    type: 'agent.allowance_requested',
    data: { requestId: `${attemptId}/q1`, amount: { tokens: 9, microUsd: 9 } },
  });
  run({
    type: 'budget.reserved',
    data: { holder: attemptId, requestId: `${attemptId}/q1`, amount: { tokens: 9, microUsd: 9 } },
  });
  agent({
    type: 'model.answered',
    data: {
      ...agentCall,
      answer: blob('Done.', hashOf(7)),
      stopReason: 'tool_use',
      usage: usageOf(500),
      durationMs: 400,
    },
  });
  agent({ type: 'agent.step_entered', data: { step: 'act', cycle: 1 } });
  agent({
    type: 'tool.called',
    data: { toolCallId: 't1', tool: 'write_file', arguments: blob('{"path":"a.ts"}', hashOf(8)) },
  });
  agent({ type: 'agent.crashed', data: { runner: 'runner-1', detail: 'It said nothing for a minute.' } });
  agent({ type: 'agent.resumed', data: { runner: 'runner-2', step: 'act' } });
  agent({
    type: 'tool.returned',
    data: {
      toolCallId: 't1',
      tool: 'write_file',
      outcome: 'succeeded',
      result: blob('ok', hashOf(9)),
      durationMs: 3,
    },
  });
  agent({
    type: 'agent.checkpoint_committed',
    data: { commit: 'c'.repeat(40), filesChanged: 1, insertions: 9, deletions: 0 },
  });
  if (fails) {
    agent({
      type: 'agent.finished',
      data: { outcome: 'failed', taskId, problem, usage: usageOf(500), escalate: false },
    });
    return attemptId;
  }
  const work = { branch, commit: 'c'.repeat(40), usage: usageOf(500), requirementIds: [], findings: [] };
  agent({
    type: 'agent.finished',
    data: { outcome: 'succeeded', taskId, summary: 'It works now.', ...work },
  });
  run({ type: 'task.submitted', data: { ...names, ...work } });
  merge({ type: 'merge.queued', data: { ...names, branch, commit: work.commit } });
  merge({ type: 'merge.completed', data: { ...names, commit: 'd'.repeat(40), checks: [] } });
  const done = {
    commit: 'd'.repeat(40),
    usage: usageOf(500),
    durationMs: 5_000,
    requirementIds: [],
    findings: [],
  };
  run({ type: 'task.completed', data: { ...names, ...done } });
  return attemptId;
};

/** A first attempt that fails; then a second one, or the dead letters. */
const tellFailure = (voices: Voices, taskId: TaskId, last: boolean): void => {
  const { run } = voices;
  const attemptId = tellAttempt(voices, taskId, 1, true);
  const failure = { taskId, attemptId, problem, usage: usageOf(500) };
  if (last) {
    run({ type: 'task.failed', data: failure });
    run({ type: 'task.dead_lettered', data: { taskId, problem } });
    return;
  }
  run({ type: 'task.attempt_failed', data: { ...failure, retryAt: deadline, counts: true } });
  run({ type: 'task.due', data: { taskId } });
  tellAttempt(voices, taskId, 2, false);
};

/** One after the other; the first takes two attempts. */
export const tellTasks = (voices: Voices, runId: RunId, count: number, deadLetter: boolean): void => {
  for (let key = 1; key <= count; key += 1) {
    const taskId = taskIdOf(runId, `T${key}`);
    const isLast = key === count && deadLetter;
    if (isLast || key === 1) tellFailure(voices, taskId, isLast);
    else tellAttempt(voices, taskId, 1, false);
    voices.run({ type: 'task.commented', data: { taskId, text: `About T${key}.` } });
  }
};
