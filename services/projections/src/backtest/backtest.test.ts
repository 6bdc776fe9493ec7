import { describe, expect, it } from '@jest/globals';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import {
  type AgentEvent,
  asRunId,
  type BlobReference,
  type Finding,
  noUsage,
  type RunConfiguration,
  type RunEvent,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import { architectPlanSwarm } from '@partitura/shared/workflows';
import { backtestRun } from './backtest.ts';
import { readPastRun } from './record.ts';
import type { Policy } from './stops.ts';

const runId = 'r_1';
const blob = (name: string): BlobReference => ({
  hash: Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64),
  size: 1,
  preview: '',
  contentType: 'text/plain',
});
const problem = { code: 'VERIFICATION_FAILED', message: 'Two tests fail.' };
const spent = (tokens: number) => ({ ...noUsage, inputTokens: tokens, costMicroUsd: tokens * 10, calls: 1 });

const configuration = (gate: 'block_critical' | 'warn'): RunConfiguration => ({
  prd: { name: 'PRD.md', title: 'It', words: 1, content: blob('prd') },
  repository: null,
  branch: null,
  workflow: { ...architectPlanSwarm, policy: { ...architectPlanSwarm.policy, gate } },
  model: 'scripted/one',
  fallbackModels: [],
  rehearsal: false,
  maxAgents: 4,
  budget: null,
  sandbox: 'off',
  stack: [],
  constraints: [],
  successCriteria: [],
  step: false,
  planOnly: false,
});

type Told = readonly [stream: string, event: RunEvent | AgentEvent];
const run = (event: RunEvent): Told => [streamName('run', runId), event];
const agent = (attempt: string, event: AgentEvent): Told => [
  streamName('agent', `${runId}.${attempt}`),
  event,
];

const began = (gate: 'block_critical' | 'warn' = 'block_critical'): readonly Told[] => [
  run({ type: 'run.created', data: { runId, projectId: 'p_1', configuration: configuration(gate) } }),
  run({ type: 'run.started', data: { wallDeadlineAt: null } }),
];
const completed = run({
  type: 'run.completed',
  data: { branch: null, commit: null, usage: noUsage, requirements: 1, requirementsMet: 1 },
});
const added = (key: string, dependsOn: readonly string[] = []): Told =>
  run({
    type: 'task.added',
    data: {
      taskId: `${runId}.${key}`,
      phase: 'executor',
      definition: {
        key,
        parentKey: null,
        kind: 'task',
        title: key,
        description: '',
        agentType: 'eng-backend',
        priority: 1,
        complexity: 1,
        estimatedTokens: 1,
        dependsOn: [...dependsOn],
        acceptanceCriteria: [],
        requirementIds: [],
      },
      pathTokens: 1,
      conflict: null,
    },
  });

/** Asked, with what was set aside for it at the most. */
const asks = (attempt: string, call: number, worst: number): Told =>
  agent(attempt, {
    type: 'model.requested',
    data: {
      callId: `${runId}.${attempt}.c${call}`,
      purpose: 'act',
      model: 'scripted/one',
      request: blob('request'),
      reserved: { tokens: worst, microUsd: worst * 10 },
    },
  });
const answers = (attempt: string, call: number, tokens: number): Told =>
  agent(attempt, {
    type: 'model.answered',
    data: {
      callId: `${runId}.${attempt}.c${call}`,
      model: 'scripted/one',
      answer: blob('answer'),
      stopReason: 'tool_use',
      usage: spent(tokens),
      durationMs: 1,
    },
  });
const calls = (attempt: string, call: number, tokens: number): readonly Told[] => [
  asks(attempt, call, tokens),
  answers(attempt, call, tokens),
];
const uses = (attempt: string, call: number, given: string, result: string): readonly Told[] => {
  const toolCallId = `${runId}.${attempt}.c${call}.1`;
  return [
    agent(attempt, {
      type: 'tool.called',
      data: { toolCallId, tool: 'run_command', arguments: blob(given) },
    }),
    agent(attempt, {
      type: 'tool.returned',
      data: { toolCallId, tool: 'run_command', outcome: 'failed', result: blob(result), durationMs: 1 },
    }),
  ];
};
const reasons = (attempt: string, cycle: number): Told =>
  agent(attempt, { type: 'agent.step_entered', data: { step: 'reason', cycle } });
const finished = (attempt: string): Told =>
  agent(attempt, {
    type: 'agent.finished',
    data: {
      outcome: 'succeeded',
      taskId: `${runId}.${attempt.split('.')[0]}`,
      summary: '',
      branch: null,
      commit: null,
      usage: noUsage,
      requirementIds: [],
      findings: [],
    },
  });
const ids = (attempt: string) => ({
  taskId: `${runId}.${attempt.split('.')[0]}`,
  attemptId: `${runId}.${attempt}`,
});
const attemptFailed = (attempt: string, counts = true): Told =>
  run({
    type: 'task.attempt_failed',
    data: { ...ids(attempt), problem, usage: noUsage, retryAt: '2026-01-01T00:00:00.000Z', counts },
  });
const taskDone = (attempt: string, findings: readonly Finding[] = []): Told =>
  run({
    type: 'task.completed',
    data: {
      ...ids(attempt),
      commit: null,
      usage: noUsage,
      durationMs: 1,
      requirementIds: [],
      findings: [...findings],
    },
  });

const begin = Date.parse('2026-01-01T00:00:00.000Z');

/** What a policy says of a run whose words came a second after each other. */
const tried = async (policy: Policy, ...told: readonly Told[]) => {
  const store = openSqliteEventStore({ path: ':memory:' });
  try {
    for (const [index, [stream, { type, data }]] of told.entries()) {
      const event = {
        id: `e${index}`,
        type,
        version: versionOf(type),
        data,
        time: new Date(begin + index * 1_000).toISOString(),
        metadata: {
          source: '/test',
          actor: 'user:test',
          correlationId: runId,
          causationId: null,
          runId: asRunId(runId),
        },
      };
      await store.append(stream as ReturnType<typeof streamName>, [event], 'any');
    }
    const past = await readPastRun(store, runId);
    if (past === null) throw new Error('The run was not told.');
    return backtestRun(past, policy);
  } finally {
    await store.close();
  }
};

describe('another budget', () => {
  const story = [...began(), ...calls('T1.a1', 1, 100), ...calls('T1.a1', 2, 100), ...calls('T1.a1', 3, 100)];

  it('stops a run before the call that might not fit, and says what the rest had cost', async () => {
    const { stops, saved } = await tried({ budget: { tokens: 250 } }, ...story, finished('T1.a1'), completed);
    expect(stops).toEqual([
      {
        setting: 'budget.tokens',
        action: 'stop_run',
        subject: runId,
        detail: 'After 200 of 250 tokens, the next call might have taken 100.',
        eventId: 'e6',
        position: expect.any(String),
        time: '2026-01-01T00:00:06.000Z',
        saved: { tokens: 100, costUsd: 0.001, wallMs: 3_000 },
        wrongly: true,
        outcome: 'The run was completed.',
      },
    ]);
    expect(saved).toEqual({ tokens: 100, costUsd: 0.001, wallMs: 3_000 });
  });

  it('lets pass what it has room for, by tokens and by money', async () => {
    expect((await tried({ budget: { tokens: 300 } }, ...story, completed)).stops).toEqual([]);
    expect((await tried({ budget: { usd: 0.003 } }, ...story, completed)).stops).toEqual([]);
    expect((await tried({ budget: { usd: 0.0029 } }, ...story, completed)).stops).toMatchObject([
      { setting: 'budget.usd', eventId: 'e6' },
    ]);
  });

  it('lets a call wait as long as somebody else may give something back', async () => {
    const waiting = [
      ...began(),
      asks('T1.a1', 1, 200),
      asks('T2.a1', 1, 200),
      answers('T1.a1', 1, 10),
      finished('T1.a1'),
      answers('T2.a1', 1, 10),
      finished('T2.a1'),
    ];
    expect((await tried({ budget: { tokens: 300 } }, ...waiting, completed)).stops).toEqual([]);
    expect((await tried({ budget: { tokens: 205 } }, ...waiting, completed)).stops).toMatchObject([
      { setting: 'budget.tokens', eventId: 'e5', detail: expect.stringContaining('After 20 of 205') },
    ]);
  });

  it('ends a run whose time is up, at its deadline, unless it is over by then', async () => {
    expect((await tried({ budget: { wallMs: 4_500 } }, ...story, completed)).stops).toMatchObject([
      { setting: 'budget.wallMs', time: '2026-01-01T00:00:05.500Z', wrongly: true, saved: { tokens: 100 } },
    ]);
    expect((await tried({ budget: { wallMs: 7_000 } }, ...story, completed)).stops).toEqual([]);
  });

  it('does not make up what a run that was stopped would have spent with more', async () => {
    const exhausted = run({
      type: 'budget.exhausted',
      data: { limit: 'tokens', spent: 300, allowed: 310, action: 'stop' },
    });
    const stopped = run({ type: 'run.stopped', data: { by: 'budget', detail: '', usage: noUsage } });
    const found = await tried({ budget: { tokens: 1_000 } }, ...story, exhausted, stopped);
    expect(found).toMatchObject({ stops: [], unknown: [{ setting: 'budget.tokens', subject: runId }] });
  });
});

describe('fewer attempts', () => {
  const story = [
    ...began(),
    added('T1'),
    added('T2', ['T1']),
    ...calls('T1.a1', 1, 100),
    attemptFailed('T1.a1'),
    ...calls('T1.a2', 1, 50),
    taskDone('T1.a2'),
    ...calls('T2.a1', 1, 70),
    taskDone('T2.a1'),
  ];

  it('would have given a task up that came through later, and all that waited for it', async () => {
    const { stops } = await tried({ retries: { maxAttempts: 1 } }, ...story, completed);
    expect(stops).toMatchObject([
      {
        setting: 'retries.maxAttempts',
        action: 'dead_letter',
        subject: `${runId}.T1`,
        eventId: 'e6',
        saved: { tokens: 120 },
        wrongly: true,
      },
    ]);
    expect((await tried({ retries: { maxAttempts: 2 } }, ...story, completed)).stops).toEqual([]);
  });

  it('do not count what was not the task’s fault, nor what was before somebody took it up again', async () => {
    const blameless = [...began(), added('T1'), attemptFailed('T1.a1', false), attemptFailed('T1.a2')];
    expect((await tried({ retries: { maxAttempts: 2 } }, ...blameless)).stops).toEqual([]);
    const retried = run({ type: 'task.retried', data: { taskId: `${runId}.T1`, model: null } });
    const again = [...began(), added('T1'), attemptFailed('T1.a1'), retried, attemptFailed('T1.a2')];
    expect((await tried({ retries: { maxAttempts: 2 } }, ...again)).stops).toEqual([]);
  });

  it('with more attempts, nobody knows how it would have gone on', async () => {
    const last = run({ type: 'task.failed', data: { ...ids('T1.a1'), problem, usage: noUsage } });
    const found = await tried({ retries: { maxAttempts: 5 } }, ...began(), added('T1'), last);
    expect(found).toMatchObject({ stops: [], unknown: [{ subject: `${runId}.T1` }] });
  });

  it('and fewer cycles end an attempt where it goes back to reason', async () => {
    const cycles = [...began(), reasons('T1.a1', 1), ...calls('T1.a1', 1, 10), reasons('T1.a1', 2)];
    const more = [...calls('T1.a1', 2, 20), finished('T1.a1'), completed];
    expect((await tried({ retries: { maxCycles: 1 } }, ...cycles, ...more)).stops).toMatchObject([
      { action: 'end_attempt', subject: `${runId}.T1.a1`, saved: { tokens: 20 }, wrongly: true },
    ]);
  });

  it('and less time end one that takes longer', async () => {
    const scheduled = run({
      type: 'task.scheduled',
      data: {
        ...ids('T1.a1'),
        attempt: 1,
        agentType: 'eng-backend',
        model: 'scripted/one',
        reservation: null,
        deadlineAt: '2026-01-02T00:00:00.000Z',
      },
    });
    const slow = [
      ...began(),
      scheduled,
      ...calls('T1.a1', 1, 10),
      ...calls('T1.a1', 2, 30),
      finished('T1.a1'),
    ];
    expect((await tried({ retries: { taskTimeoutMs: 2_500 } }, ...slow)).stops).toMatchObject([
      { setting: 'retries.taskTimeoutMs', time: '2026-01-01T00:00:04.500Z', saved: { tokens: 30 } },
    ]);
    expect((await tried({ retries: { taskTimeoutMs: 6_000 } }, ...slow)).stops).toEqual([]);
  });
});

describe('another gate', () => {
  const critical: Finding = { severity: 'critical', title: 'A hole', file: null, line: null, advice: '' };
  const review = (visit: number, findings: readonly Finding[]): readonly Told[] => [
    run({ type: 'phase.entered', data: { phase: 'reviewer', visit, act: 'agent', reservation: null } }),
    taskDone(`P4V${visit}.a1`, findings),
    run({ type: 'phase.completed', data: { phase: 'reviewer', visit } }),
  ];

  it('holds back what passed, and cannot tell whether rightly when nobody looked again', async () => {
    const policy: Policy = { gates: { blocking: 'block_critical' } };
    expect((await tried(policy, ...began('warn'), ...review(1, [critical]), completed)).stops).toMatchObject([
      { action: 'hold_back', detail: expect.stringContaining('A hole'), wrongly: null },
    ]);
    const twice = [...began('warn'), ...review(1, [critical]), ...review(2, []), completed];
    expect((await tried(policy, ...twice)).stops).toMatchObject([{ wrongly: true }]);
    expect((await tried(policy, ...began(), ...review(1, [critical]))).stops).toEqual([]);
  });

  it('lets pass what was held back, with what came after unknown', async () => {
    const found = await tried({ gates: { blocking: 'warn' } }, ...began(), ...review(1, [critical]));
    expect(found).toMatchObject({ stops: [], unknown: [{ setting: 'gates.blocking', subject: 'reviewer' }] });
  });
});

describe('a stricter eye for loops', () => {
  const twice = [
    ...began(),
    reasons('T1.a1', 1),
    ...calls('T1.a1', 1, 10),
    ...uses('T1.a1', 1, 'test', 'fails'),
    ...calls('T1.a1', 2, 20),
    ...uses('T1.a1', 2, 'test', 'fails'),
    ...calls('T1.a1', 3, 40),
  ];

  it('stops the same call with the same result sooner, in one cycle', async () => {
    const policy: Policy = { loopDetection: { maxRepeats: 2 } };
    expect((await tried(policy, ...twice)).stops).toMatchObject([
      { action: 'rethink', subject: `${runId}.T1.a1`, saved: { tokens: 40 }, wrongly: false },
    ]);
    expect((await tried(policy, ...twice, finished('T1.a1'))).stops).toMatchObject([{ wrongly: true }]);
    const apart = [...twice.slice(0, 7), reasons('T1.a1', 2), ...twice.slice(7)];
    expect((await tried(policy, ...apart)).stops).toEqual([]);
    expect((await tried({ loopDetection: { maxRepeats: 3 } }, ...twice)).stops).toEqual([]);
  });

  it('and a shorter breath ends the acting of a cycle that went on', async () => {
    expect((await tried({ loopDetection: { maxTurns: 2 } }, ...twice)).stops).toMatchObject([
      { action: 'verify', eventId: expect.any(String), saved: { tokens: 40 } },
    ]);
    expect((await tried({ loopDetection: { maxTurns: 3 } }, ...twice)).stops).toEqual([]);
  });
});

it('counts what several settings would have spared once, and nothing behind the end of the run', async () => {
  const story = [
    ...began(),
    added('T1'),
    ...calls('T1.a1', 1, 100),
    attemptFailed('T1.a1'),
    ...calls('T1.a2', 1, 50),
    attemptFailed('T1.a2'),
    completed,
  ];
  const both = await tried({ retries: { maxAttempts: 1 }, budget: { tokens: 120 } }, ...story);
  expect(both.stops.map(({ setting }) => setting)).toEqual(['retries.maxAttempts', 'budget.tokens']);
  expect(both.saved.tokens).toBe(50);
});
