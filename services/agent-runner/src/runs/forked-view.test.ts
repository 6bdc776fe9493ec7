import { describe, expect, it } from '@jest/globals';
import { type ForkedRun, noUsage } from '@partitura/shared/events';
import { forkView, mayKnow } from './forked-view.ts';
import { allowanceOf, emptyView } from './run-view.ts';

const forked = (partial: Partial<ForkedRun> = {}): ForkedRun => ({
  parentRunId: 'r_parent',
  at: '0050',
  streams: {},
  commit: 'c1',
  shiftMs: 60_000,
  unsettled: { 'r_1.T1.a1': { ...noUsage, inputTokens: 300, costMicroUsd: 40 } },
  changes: { model: null, budget: null, prompts: [], droppedTasks: [] },
  ...partial,
});

const budget = { microUsd: null, tokens: 1_000, wallMs: null, onExceed: 'stop', thresholds: [] } as const;

const viewOf = (limited: boolean) => ({
  ...emptyView('r_1'),
  status: 'ended' as const,
  configuration: { budget: limited ? { ...budget, thresholds: [] } : null },
  grants: new Map([['r_1.T1.a1', { tokens: 500, microUsd: 0 }]]),
  decisions: new Map<string, 'granted' | 'denied'>([['r_1.T1.a1.b1', 'denied']]),
  attempts: new Map([
    [
      'r_1.T1.a1',
      {
        taskId: 'r_1.T1',
        attemptId: 'r_1.T1.a1',
        attempt: 1,
        agentType: 'eng-backend',
        model: 'one/one',
        reservation: { tokens: 700, microUsd: 0 },
        deadlineAt: '2026-01-01T00:00:00.000Z',
      },
    ],
  ]),
});

describe('an agent that was at work when its run was forked', () => {
  it('may spend what it had spent, and asks for the rest; its deadline is as far away as it was', () => {
    const view = viewOf(true);
    forkView(view, forked());
    expect(view.attempts.get('r_1.T1.a1')).toMatchObject({
      model: 'one/one',
      reservation: { tokens: 300, microUsd: 40 },
      deadlineAt: '2026-01-01T00:01:00.000Z',
    });
    expect([view.status, view.grants.size, view.startingCommit]).toEqual(['running', 0, 'c1']);
    // What was denied to its parent is asked for once more.
    expect(view.decisions.get('r_1.T1.a1.b1')).toBe('granted');
  });

  it('asks the fork’s model, and nobody for money where nothing limits that', () => {
    const view = viewOf(false);
    forkView(view, forked({ changes: { ...forked().changes, model: 'two/two' } }));
    expect(view.attempts.get('r_1.T1.a1')).toMatchObject({ model: 'two/two', reservation: null });
    expect(allowanceOf({ ...emptyView('r_1'), attempts: view.attempts }, 'r_1.T1.a1')).toBeNull();
  });
});

describe('what a fork may know', () => {
  const node = (runId: string | null, position: string) => ({
    provenance: { eventId: 'e', position, runId, taskId: null, agentId: null, commit: null },
  });
  const forks = [
    { parentRunId: 'r_first', at: '0050' },
    { parentRunId: 'r_second', at: '0090' },
  ];

  it.each([
    ['what anybody knew when the first was forked', 'r_other', '0050', true],
    ['what a person said before', null, '0049', true],
    ['what others came to know later', 'r_other', '0051', false],
    ['what a person said later', null, '0051', false],
    ['what its parent came to know, up to where it was forked', 'r_second', '0090', true],
    ['what its parent came to know after that', 'r_second', '0091', false],
    ['what the first came to know after it was forked', 'r_first', '0060', false],
    ['what it came to know itself', 'r_third', '0120', true],
  ])('%s', (_, runId, position, expected) => {
    expect(mayKnow({ runId: 'r_third', forks }, node(runId, position))).toBe(expected);
  });

  it('is all there is, in a run of its own', () => {
    expect(mayKnow({ runId: 'r_third', forks: [] }, node('r_other', '9999'))).toBe(true);
  });
});
