import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@partitura/shared/events';
import { rejectedSection } from '../agents/materials.ts';
import { emptyView, evolveView } from './run-view.ts';

const metadata = { source: '/test', actor: 'user:test', correlationId: 'test', causationId: null };

const viewOf = (...events: readonly RunEvent[]) =>
  events.reduce((view, event) => evolveView(view, event, metadata), emptyView('r_1'));

const scheduled = (attempt: number): RunEvent => ({
  type: 'task.scheduled',
  data: {
    taskId: 'r_1.T1',
    attemptId: `r_1.T1.a${attempt}`,
    attempt,
    agentType: 'eng-backend',
    model: 'rehearsal/rehearsal',
    reservation: null,
    deadlineAt: '2026-01-01T00:00:00.000Z',
  },
});

const rejected = (partial: object = {}): RunEvent => ({
  type: 'task.rejected',
  data: {
    taskId: 'r_1.T1',
    attemptId: 'r_1.T1.a1',
    commit: 'c0ffee',
    reason: 'It keeps passwords as they are.',
    redo: true,
    because: null,
    distrusted: [],
    ...partial,
  },
});

describe('a result that was rejected', () => {
  it('is told to who does it again: what it was, why, and that it is still there', () => {
    const view = viewOf(scheduled(1), rejected(), scheduled(2));
    const { content } = rejectedSection(view.rejections.get('r_1.T1') ?? []);
    expect(content).toContain('c0ffee');
    expect(content).toContain('It keeps passwords as they are. What was merged of it is still there');
    expect(rejectedSection(view.rejections.get('r_1.T2') ?? []).content).toBe('');
  });

  it('ends who is at it, and not who does it again', () => {
    const view = viewOf(scheduled(1), rejected({ because: 'k_1', distrusted: ['k_1'] }), scheduled(2));
    expect([...view.attempts.keys()]).toEqual(['r_1.T1.a2']);
    expect([...view.rejectedAttempts.keys()]).toEqual(['r_1.T1.a1']);
    expect([...view.distrusted]).toEqual(['k_1']);
    expect(view.rejections.get('r_1.T1')?.[0]).toContain('It had built upon k_1');
  });
});
