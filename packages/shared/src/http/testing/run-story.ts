import type { EventStore } from '../../event-store/index.ts';
import {
  type AgentEvent,
  type AttemptId,
  asPosition,
  asProjectId,
  asRunId,
  attemptIdOf,
  type BlobReference,
  type EventToAppend,
  type KnowledgeEvent,
  type MergeEvent,
  noUsage,
  type Ownership,
  ownershipIn,
  type PlanEvent,
  type ProjectEvent,
  type RecordedEvent,
  type RunConfiguration,
  type RunEvent,
  type RunId,
  type StreamName,
  streamName,
  type TaskId,
  taskIdOf,
  type Usage,
  versionOf,
} from '../../events/index.ts';
import { architectPlanSwarm } from '../../workflows/index.ts';

type StoryEvent = ProjectEvent | RunEvent | PlanEvent | AgentEvent | MergeEvent | KnowledgeEvent;

/** Something that happened, before a log has it. */
export interface Happening extends Ownership {
  readonly stream: StreamName;
  readonly event: StoryEvent;
  readonly projectId: string;
  readonly runId: string | null;
}

export interface RunStoryOptions extends Ownership {
  readonly projectId?: string;
  readonly runId?: string;
  /** Work tasks. The first fails once, the last ends in the dead letters when `deadLetter`. Default 3. */
  readonly tasks?: number;
  readonly deadLetter?: boolean;
  /** SHA-256 of a plan document that is in the blob store. */
  readonly plan?: string;
}

const blob = (text: string, hash = 'a'.repeat(64)): BlobReference => ({
  hash,
  size: text.length,
  preview: text.slice(0, 200),
  contentType: 'text/plain',
});
const hashOf = (number: number): string => number.toString(16).padStart(64, '0');
const usageOf = (tokens: number): Usage => ({
  ...noUsage,
  inputTokens: tokens,
  outputTokens: Math.floor(tokens / 10),
  costMicroUsd: tokens * 3,
  calls: 1,
});
const problem = { code: 'CHECKS_FAILED', message: 'Two tests of five fail.' };
const deadline = '2026-01-01T01:00:00.000Z';

interface Voices {
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

type Tell<Event> = (event: Event) => void;

const tellFailedEnd = (run: Tell<RunEvent>, project: Tell<ProjectEvent>, runId: string): void => {
  run({ type: 'run.failed', data: { problem, usage: noUsage } });
  project({ type: 'project.run_settled', data: { runId, status: 'failed', tokens: 0, microUsd: 0 } });
};

const tellGoodEnd = (
  run: Tell<RunEvent>,
  project: Tell<ProjectEvent>,
  runId: string,
  count: number,
): void => {
  const ended = { branch: `partitura/${runId}`, commit: 'd'.repeat(40) };
  run({
    type: 'run.completed',
    data: { ...ended, usage: noUsage, requirements: count, requirementsMet: count },
  });
  project({ type: 'project.completed', data: { runId, ...ended } });
  project({ type: 'project.run_settled', data: { runId, status: 'completed', tokens: 0, microUsd: 0 } });
};

/** One after the other; the first takes two attempts. */
const tellTasks = (voices: Voices, runId: RunId, count: number, deadLetter: boolean): void => {
  for (let key = 1; key <= count; key += 1) {
    const taskId = taskIdOf(runId, `T${key}`);
    const isLast = key === count && deadLetter;
    if (isLast || key === 1) tellFailure(voices, taskId, isLast);
    else tellAttempt(voices, taskId, 1, false);
    voices.run({ type: 'task.commented', data: { taskId, text: `About T${key}.` } });
  }
};

/**
 * A project and a run of it from the first word to the last, as the services would tell it: a plan with an epic, tasks one after
 * the other, a crash, a question, an approval, a budget, merges.
 */
export const runStory = (options: RunStoryOptions = {}): readonly Happening[] => {
  const { tasks: count = 3, deadLetter = false } = options;
  const projectId = asProjectId(options.projectId ?? 'p_1');
  const runId = asRunId(options.runId ?? 'r_1');
  const owner = ownershipIn(options);
  const happenings: Happening[] = [];
  const tell =
    <Event extends StoryEvent>(stream: StreamName, ofRun = true) =>
    (event: Event): void => {
      happenings.push({ stream, event, projectId, runId: ofRun ? runId : null, ...owner });
    };
  const project = tell<ProjectEvent>(streamName('project', projectId), false);
  const run = tell<RunEvent>(streamName('run', runId));
  const plan = tell<PlanEvent>(streamName('plan', runId));
  const merge = tell<MergeEvent>(streamName('merge', runId));

  const prd = {
    name: 'PRD.md',
    title: 'A link shortener',
    words: 120,
    content: blob('# A link shortener', hashOf(1)),
  };
  const repository = { url: '/tmp/links', baseBranch: 'main' };
  const budget = {
    microUsd: 5_000_000,
    tokens: null,
    wallMs: null,
    onExceed: 'stop' as const,
    thresholds: [0.5],
  };
  const configuration: RunConfiguration = {
    prd,
    repository,
    branch: `partitura/${runId}`,
    workflow: architectPlanSwarm,
    model: 'rehearsal/small',
    fallbackModels: [],
    rehearsal: true,
    maxAgents: 4,
    budget,
    sandbox: 'required',
    stack: [],
    constraints: [],
    successCriteria: [],
    step: false,
    planOnly: false,
  };

  project({
    type: 'project.created',
    data: {
      projectId,
      name: 'Links',
      prd,
      repository,
      stack: [],
      constraints: [],
      successCriteria: [],
      budget,
      workflow: 'architect-plan-swarm',
    },
  });
  project({ type: 'project.run_requested', data: { runId, reserved: null, configuration } });
  run({ type: 'run.created', data: { runId, projectId, configuration } });
  run({ type: 'run.started', data: { wallDeadlineAt: null } });
  run({ type: 'phase.entered', data: { phase: 'planner', visit: 1, act: 'plan', reservation: null } });
  plan({ type: 'plan.started', data: { phase: 'planner', visit: 1, prd: prd.content } });
  const call = { callId: 'plan/1', model: 'rehearsal/small' };
  plan({
    type: 'model.requested',
    data: {
      ...call,
      purpose: 'tasks',
      request: blob('Cut it.', hashOf(2)),
      reserved: { tokens: 9, microUsd: 9 },
    },
  });
  plan({
    type: 'model.answered',
    data: {
      ...call,
      answer: blob('{}', hashOf(3)),
      stopReason: 'end',
      usage: usageOf(1_000),
      durationMs: 900,
    },
  });
  const planBlob = blob('{"requirements":[]}', options.plan ?? hashOf(4));
  plan({
    type: 'plan.proposed',
    data: {
      plan: planBlob,
      planRevision: 1,
      requirements: count,
      questions: 0,
      tasks: count,
      width: 1,
      criticalPath: ['T1'],
      criticalPathMs: 60_000,
      durationMs: { p50: 60_000, p90: 90_000 },
      costMicroUsd: { p50: 100, p90: 200 },
    },
  });
  const keys = Array.from({ length: count }, (_, index) => index + 1);
  run({
    type: 'plan.accepted',
    data: { plan: planBlob, planRevision: 1, requirementIds: keys.map((key) => `R${key}`), tasks: count },
  });
  const add = (
    key: string,
    kind: 'epic' | 'task',
    parentKey: string | null,
    dependsOn: string[],
    serves: string[],
  ) =>
    run({
      type: 'task.added',
      data: {
        taskId: taskIdOf(runId, key),
        phase: 'executor',
        definition: {
          key,
          parentKey,
          kind,
          title: `Title of ${key}`,
          description: `What ${key} is about.`,
          agentType: 'eng-backend',
          priority: 2,
          complexity: 3,
          estimatedTokens: 10_000,
          dependsOn,
          acceptanceCriteria: ['It works.'],
          requirementIds: serves,
        },
        pathTokens: 10_000,
        conflict: null,
      },
    });
  add('E1', 'epic', null, [], []);
  for (const key of keys) add(`T${key}`, 'task', 'E1', key === 1 ? [] : [`T${key - 1}`], [`R${key}`]);
  run({
    type: 'approval.requested',
    data: {
      approvalId: `${runId}.ap1`,
      action: 'accept_plan',
      subject: 'the plan',
      detail: `${count} tasks`,
      bindingHash: hashOf(5),
      expiresAt: null,
    },
  });
  run({ type: 'approval.granted', data: { approvalId: `${runId}.ap1`, comment: 'Good.' } });
  run({ type: 'phase.completed', data: { phase: 'planner', visit: 1 } });
  run({ type: 'phase.entered', data: { phase: 'executor', visit: 1, act: 'tasks', reservation: null } });

  const voices: Voices = {
    run,
    merge,
    agent: (attemptId) => tell<AgentEvent>(streamName('agent', attemptId)),
  };
  tellTasks(voices, runId, count, deadLetter);
  if (deadLetter) tellFailedEnd(run, project, runId);
  else tellGoodEnd(run, project, runId, count);
  return happenings;
};

const start = Date.UTC(2026, 0, 1);

const toAppend = (
  { stream, event, projectId, runId, ...owner }: Happening,
  index: number,
): EventToAppend => ({
  id: `${stream}/${index}`,
  type: event.type,
  version: versionOf(event.type),
  data: event.data,
  time: new Date(start + index * 1_000).toISOString(),
  metadata: {
    source: '/story',
    actor: 'user:teller',
    correlationId: runId ?? projectId,
    causationId: null,
    ...ownershipIn(owner),
    projectId: asProjectId(projectId),
    ...(runId === null ? {} : { runId: asRunId(runId) }),
  },
});

/** What a log would have of it, without one. */
export const recorded = (happenings: readonly Happening[]): readonly RecordedEvent[] => {
  const revisions = new Map<StreamName, number>();
  return happenings.map((happening, index) => {
    const revision = revisions.get(happening.stream) ?? 0;
    revisions.set(happening.stream, revision + 1);
    return {
      ...toAppend(happening, index),
      stream: happening.stream,
      revision,
      position: asPosition(String(index + 1).padStart(16, '0')),
      hash: hashOf(index),
    };
  });
};

/** Appends one after the other. `from` counts on, so that parts of a story have ids of their own. */
export const tellStore = async (
  store: EventStore,
  happenings: readonly Happening[],
  from = 0,
): Promise<void> => {
  for (const [index, happening] of happenings.entries())
    await store.append(happening.stream, [toAppend(happening, from + index)], 'any');
};
