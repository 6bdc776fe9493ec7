import { describe, expect, it } from '@jest/globals';
import { runStory } from '@partitura/shared/http/testing';
import { given, upTo } from '../testing/fold.ts';
import { agents, presentAgent } from './agents.ts';

const story = runStory({ tasks: 2 });
const after = async (type: string, nth = 1, id = 'r_1.T1.a1') => {
  const agent = (await given(agents, upTo(story, type, nth))).get(id);
  return agent && presentAgent(agent);
};

describe('an agent', () => {
  it('begins without a step', async () => {
    expect(await after('agent.spawned')).toMatchObject({
      runId: 'r_1',
      projectId: 'p_1',
      taskId: 'r_1.T1',
      attempt: 1,
      status: 'running',
      step: null,
      cycle: 0,
      lastLine: 'eng-backend on rehearsal/small, attempt 1',
    });
  });

  it.each([
    [
      'agent.workspace_prepared',
      1,
      { lastLine: expect.stringMatching(/^worktree of partitura-task\/r_1\.T1\.a1 at bbbbbbbb/) },
    ],
    ['agent.step_entered', 1, { step: 'reason', cycle: 1, lastLine: 'reason, cycle 1' }],
    ['model.requested', 2, { lastLine: 'asks rehearsal/small for act' }],
    ['agent.allowance_requested', 1, { status: 'waiting' }],
    ['budget.reserved', 1, { status: 'running' }],
    ['model.answered', 2, { usage: expect.objectContaining({ inputTokens: 500, costUsd: 0.0015 }) }],
    ['tool.called', 1, { toolCalls: 1, lastLine: 'write_file {"path":"a.ts"}' }],
    ['agent.crashed', 1, { status: 'waiting', crashes: 1 }],
    ['agent.resumed', 1, { status: 'running', step: 'act' }],
    ['tool.returned', 1, { toolCalls: 1, lastLine: 'write_file succeeded in 0.0 s' }],
    [
      'agent.checkpoint_committed',
      1,
      { commit: 'c'.repeat(40), lastLine: 'committed cccccccc: 1 file, +9 −0' },
    ],
    ['agent.finished', 1, { status: 'failed', lastLine: 'failed: Two tests of five fail.' }],
  ] as const)('after %s (%d.)', async (type, nth, expected) => {
    expect(await after(type, nth)).toMatchObject(expected);
  });

  it('that succeeded ends with its commit', async () => {
    const agent = await after('agent.finished', 2, 'r_1.T1.a2');
    expect(agent).toMatchObject({
      status: 'succeeded',
      commit: 'c'.repeat(40),
      lastLine: 'done: It works now.',
    });
    expect(agent?.endedAt).not.toBeNull();
  });
});
