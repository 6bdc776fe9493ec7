import { describe, expect, it } from '@jest/globals';
import { type AgentEvent, noUsage } from '@partitura/shared/events';
import { task } from '../testing/world.ts';
import { type Assignment, defaultLimits } from './assignment.ts';
import { conclude, type Outcome } from './conclude.ts';
import { evolve } from './evolve.ts';
import { next } from './next.ts';
import { unborn } from './state.ts';

const assignment: Assignment = {
  projectId: 'p',
  runId: 'r',
  taskId: 'r.T1',
  attemptId: 'r.T1.a1',
  attempt: 1,
  task,
  agentType: 'eng-backend',
  model: 'scripted/one',
  mode: 'work',
  repository: { url: 'file:///nowhere', baseBranch: 'main' },
  runBranch: 'partitura/r',
  startingCommit: null,
  branch: 'partitura-task/r.T1.a1',
  maxCycles: 2,
  limits: defaultLimits,
};
const now = Date.UTC(2026, 0);
const blob = (letter: string) => ({
  hash: letter.repeat(64),
  size: 1,
  preview: '',
  contentType: 'text/plain',
});

const spawned: AgentEvent = {
  type: 'agent.spawned',
  data: {
    taskId: 'r.T1',
    attempt: 1,
    agentType: 'eng-backend',
    model: 'scripted/one',
    runner: 'one',
    allowance: null,
    branch: null,
  },
};
const prepared: AgentEvent = {
  type: 'agent.workspace_prepared',
  data: { branch: 'b', baseCommit: 'c', sandbox: 'none' },
};
const entered = (step: 'reason' | 'act' | 'reflect' | 'verify', cycle = 1): AgentEvent => ({
  type: 'agent.step_entered',
  data: { step, cycle },
});
const requested = (purpose: string, call = 1): AgentEvent => ({
  type: 'model.requested',
  data: {
    callId: `c${call}`,
    purpose,
    model: 'm',
    request: blob('a'),
    reserved: { tokens: 1, microUsd: 1 },
  },
});
const answered = (stopReason: 'end' | 'tool_use' | 'length' | 'refusal', call = 1): AgentEvent => ({
  type: 'model.answered',
  data: { callId: `c${call}`, model: 'm', answer: blob('b'), stopReason, usage: noUsage, durationMs: 1 },
});
const modelFailed = (code: string): AgentEvent => ({
  type: 'model.failed',
  data: { callId: 'c1', model: 'm', problem: { code, message: code }, usage: noUsage, retryAfterMs: null },
});
const acting = [spawned, entered('reason'), prepared, entered('act')];
const verifying = [...acting, entered('verify')];
const given = (events: readonly AgentEvent[]) => events.reduce(evolve, unborn());
const then = (events: readonly AgentEvent[], changes: Partial<Assignment> = {}) =>
  next(given(events), { ...assignment, ...changes }, now);
const recorded = (
  events: readonly AgentEvent[],
  changes: Partial<Assignment> = {},
): readonly AgentEvent[] => {
  const intent = then(events, changes);
  return intent.kind === 'record' ? intent.events : [];
};

describe('what an agent does next', () => {
  it.each<[string, readonly AgentEvent[], object]>([
    ['claims an attempt that nobody has', [], { kind: 'claim' }],
    ['enters reason', [spawned], { kind: 'record', events: [entered('reason')] }],
    [
      'prepares its work tree before anything else',
      [spawned, entered('reason')],
      { kind: 'prepare_workspace' },
    ],
    [
      'asks for an approach',
      [spawned, entered('reason'), prepared],
      { kind: 'question', purpose: 'approach' },
    ],
    [
      'asks what is recorded as asked',
      [...acting, requested('act')],
      { kind: 'ask', call: { callId: 'c1' } },
    ],
    ['uses what was answered', [...acting, requested('act'), answered('tool_use')], { kind: 'digest' }],
    ['commits when it is done', [...acting, requested('act'), answered('end')], { kind: 'commit' }],
    [
      'goes on when it was cut off',
      [...acting, requested('act'), answered('length')],
      { kind: 'question', purpose: 'act' },
    ],
    ['runs the checks first', verifying, { kind: 'check' }],
    [
      'asks again after a stream that was cut',
      [...acting, requested('act'), modelFailed('MODEL_STREAM_CUT')],
      { kind: 'question', purpose: 'act' },
    ],
    [
      'waits for as long as it was told to',
      [
        ...acting,
        requested('act'),
        modelFailed('MODEL_RATE_LIMITED'),
        {
          type: 'agent.rate_limited',
          data: {
            until: new Date(now + 1).toISOString(),
            problem: { code: 'MODEL_RATE_LIMITED', message: '' },
          },
        },
      ],
      { kind: 'wait' },
    ],
    [
      'takes up what was let go of',
      [...acting, { type: 'agent.released', data: { runner: 'one', reason: 'paused', detail: '' } }],
      { kind: 'take_up' },
    ],
  ])('%s', (_, events, intent) => {
    expect(then(events)).toMatchObject(intent);
  });

  it('needs no work tree for a plain answer, and ends with it', () => {
    expect(recorded([spawned], { mode: 'plain', repository: null })).toEqual([entered('act')]);
    const events = [spawned, entered('act'), requested('act'), answered('end')];
    expect(then(events, { mode: 'plain', repository: null })).toMatchObject({ kind: 'digest' });
  });

  it('does not ask about criteria while a check fails, goes back with the learning, and escalates at the end', () => {
    const check = {
      name: 'test',
      command: 'npm test',
      outcome: 'failed' as const,
      exitCode: 1,
      durationMs: 1,
      passed: 1,
      failed: 1,
      output: blob('c'),
    };
    const checked: AgentEvent = { type: 'agent.checked', data: { cycle: 1, checks: [check] } };
    const verified = recorded([...verifying, checked]);
    expect(verified).toMatchObject([{ type: 'agent.verified', data: { passed: false, criteria: [] } }]);
    const back = recorded([...verifying, checked, ...verified]);
    expect(back).toMatchObject([
      { type: 'agent.learning_recorded', data: { cycle: 1 } },
      { type: 'agent.step_entered', data: { step: 'reason', cycle: 2 } },
    ]);
    const second = given([...verifying, checked, ...verified, ...back]);
    expect(second).toMatchObject({ cycle: 2, approach: null, checks: null, earlierChecks: [check] });
    expect(recorded([...verifying, checked, ...verified], { maxCycles: 1 }).at(-1)).toMatchObject({
      type: 'agent.finished',
      data: { outcome: 'failed', escalate: true, problem: { code: 'VERIFICATION_FAILED' } },
    });
  });

  it('believes no claim against a check, nor silence about a criterion', () => {
    const state = given([...verifying, { type: 'agent.checked', data: { cycle: 1, checks: [] } }]);
    const claims = (answer: Extract<Outcome, { kind: 'digested' }>['conclusion']) =>
      conclude(state, assignment, { kind: 'digested', conclusion: answer });
    const [criterion = ''] = task.acceptanceCriteria;
    expect(
      claims({ purpose: 'criteria', answer: { criteria: [{ criterion, met: true, evidence: 'seen' }] } }),
    ).toMatchObject([{ data: { passed: true } }]);
    expect(claims({ purpose: 'criteria', answer: { criteria: [] } })).toMatchObject([
      { data: { passed: false } },
    ]);
  });

  it('says goodbye for a runner that crashed, and not for one that let go', () => {
    const taken: Outcome = { kind: 'taken_up', runner: 'two' };
    expect(conclude(given([...acting, requested('act')]), assignment, taken)).toMatchObject([
      { type: 'agent.crashed', data: { runner: 'one' } },
      { type: 'agent.resumed', data: { runner: 'two', step: 'act' } },
    ]);
    const letGo: AgentEvent = {
      type: 'agent.released',
      data: { runner: 'one', reason: 'shutdown', detail: '' },
    };
    expect(conclude(given([...acting, letGo]), assignment, taken)).toMatchObject([{ type: 'agent.resumed' }]);
  });
});
