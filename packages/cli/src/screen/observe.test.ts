import { describe, expect, it } from '@jest/globals';
import type { CloudEvent } from '@partitura/shared/http';
import { standsStill } from '../runs/standstill.ts';
import { footer } from './footer.ts';
import { formatLine } from './format-line.ts';
import { flushStarted, observe } from './observe.ts';
import { emptyRunView, type RunView } from './run-view.ts';
import { penOf } from './symbols.ts';
import { terminalOf } from './terminal.ts';

const start = Date.parse('2026-01-01T10:00:00Z');
const plain = penOf({ colour: false, unicode: true });
const usage = { inputTokens: 900, outputTokens: 100, cacheReadTokens: 0, cacheWriteTokens: 0, calls: 1 };

const event = (seconds: number, subject: string, type: string, data: unknown): CloudEvent => ({
  specversion: '1.0',
  id: `${subject}/${type}/${seconds}`,
  source: '/test',
  type,
  subject,
  time: new Date(start + seconds * 1_000).toISOString(),
  datacontenttype: 'application/json',
  dataversion: 1,
  position: String(seconds).padStart(8, '0'),
  revision: 0,
  actor: 'user:test',
  correlationid: 'c',
  causationid: null,
  hash: '',
  data,
});

const run = (seconds: number, type: string, data: unknown = {}): CloudEvent =>
  event(seconds, 'run-r_1', type, data);
const agent = (seconds: number, key: string, type: string, data: unknown): CloudEvent =>
  event(seconds, `agent-r_1.${key}.a1`, type, data);

const created = (more: object = {}): CloudEvent =>
  run(0, 'run.created', {
    configuration: {
      workflow: { policy: { maxAttempts: 3 } },
      rehearsal: false,
      planOnly: false,
      budget: null,
      ...more,
    },
  });
const added = (key: string, title = `Title ${key}`): CloudEvent =>
  run(1, 'task.added', {
    taskId: `r_1.${key}`,
    conflict: null,
    definition: { key, title, agentType: 'eng-backend', kind: 'task', estimatedTokens: 100 },
  });
const scheduled = (seconds: number, key: string, attempt = 1): CloudEvent =>
  run(seconds, 'task.scheduled', { taskId: `r_1.${key}`, attempt });
const started = (seconds: number, key: string): CloudEvent =>
  run(seconds, 'task.started', { taskId: `r_1.${key}` });
const completed = (seconds: number, key: string): CloudEvent =>
  run(seconds, 'task.completed', { taskId: `r_1.${key}`, durationMs: 108_000 });

const seen = (view: RunView, events: readonly CloudEvent[], width = 200): readonly string[] =>
  [...events.flatMap((one) => observe(view, one)), ...flushStarted(view)].flatMap((line) =>
    formatLine(line, view.startedAt ?? start, width, plain),
  );

const begun = (keys: readonly string[], more: object = {}): RunView => {
  const view = emptyRunView('r_1');
  seen(view, [created(more), run(0, 'run.started'), ...keys.map((key) => added(key))]);
  return view;
};

describe('a run on the screen', () => {
  it('reads as the report of the run', () => {
    const view = begun(['T1', 'T2', 'T3']);
    const lines = seen(view, [
      event(1, 'plan-r_1', 'plan.requirements_identified', { requirements: 9, questions: 1 }),
      event(2, 'plan-r_1', 'plan.proposed', {
        tasks: 3,
        width: 2,
        criticalPath: ['T1', 'T3'],
        criticalPathMs: 660_000,
      }),
      scheduled(3, 'T1'),
      started(3, 'T1'),
      scheduled(3, 'T2'),
      started(3, 'T2'),
      agent(60, 'T1', 'model.answered', { usage: { ...usage, costMicroUsd: 110_000 } }),
      agent(61, 'T1', 'agent.checkpoint_committed', { insertions: 212, deletions: 9 }),
      agent(62, 'T1', 'agent.checked', {
        checks: [{ name: 'test', outcome: 'passed', passed: 14, failed: 0 }],
      }),
      completed(111, 'T1'),
      run(120, 'run.completed', { branch: 'partitura/r_1', requirements: 9, requirementsMet: 9 }),
    ]);
    expect(lines).toEqual([
      '00:01 ✓ PRD read: 9 requirements, 1 question',
      '00:02 ✓ plan: 3 tasks, 2 wide, critical path T1→T3 ≈ 11 min',
      '00:03 ● T1 Title T1  eng-backend   ● T2 Title T2  eng-backend   ○ 1 queued',
      '01:51 ✓ T1 Title T1  1m48s $0.11 +212 −9 tests 14/14',
      '02:00 ✓ merged to partitura/r_1 · 9/9 requirements · $0.11 · 1k tokens',
    ]);
    expect(view.phase).toEqual({ kind: 'ended', status: 'completed' });
  });

  it('says what failed, and what comes next', () => {
    const lines = seen(begun(['T6', 'T7']), [
      scheduled(1, 'T6', 2),
      agent(7, 'T6', 'agent.checked', {
        checks: [{ name: 'test', outcome: 'failed', passed: 3, failed: 2 }],
      }),
      agent(8, 'T6', 'agent.verified', { passed: false, criteria: [] }),
      run(9, 'task.attempt_failed', {
        taskId: 'r_1.T6',
        problem: { code: 'X', message: 'Tests fail.' },
        counts: true,
      }),
      run(10, 'task.attempt_failed', {
        taskId: 'r_1.T6',
        problem: { code: 'X', message: 'No key.' },
        counts: false,
      }),
      run(11, 'task.dead_lettered', { taskId: 'r_1.T6', problem: { code: 'X', message: 'Tests fail.' } }),
      run(11, 'task.blocked', { taskId: 'r_1.T7', by: 'r_1.T6' }),
    ]);
    expect(lines).toEqual([
      '00:08 ✗ T6 tests 3/5 → learns and tries again',
      '00:09 ✗ T6 Tests fail. → retry 3/3',
      '00:10 ✗ T6 No key. → again when that is mended',
      '00:11 ✗ T6 gave up: Tests fail. → partitura retry r_1.T6',
      '00:11 ○ T7 blocked by T6',
    ]);
  });

  it('lets nothing that a model wrote reach the terminal as a command', () => {
    const view = begun([]);
    const lines = seen(view, [added('T1', 'Red \u001b[31malert\u0007\nsecond line'), started(2, 'T1')]);
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
  });

  it('takes events that it does not know, and tasks that it never saw, as they come', () => {
    const view = emptyRunView('r_1');
    expect(seen(view, [run(1, 'run.invented', {}), completed(2, 'T9')])).toEqual(['00:02 ✓ T9 done']);
    expect(view.lastPosition).toBe('00000002');
  });

  it('breaks a line of several tasks where the terminal ends', () => {
    const view = begun(['T1', 'T2']);
    expect(seen(view, [started(2, 'T1'), started(2, 'T2')], 40)).toEqual([
      '00:02 ● T1 Title T1  eng-backend',
      '00:02 ● T2 Title T2  eng-backend',
    ]);
  });
});

describe('the footer', () => {
  const view = (): RunView => {
    const running = begun(['T1', 'T2', 'T3', 'T4'], { budget: { microUsd: 5_000_000, tokens: null } });
    seen(running, [started(0, 'T1'), completed(60, 'T1'), started(60, 'T2')]);
    seen(running, [
      run(61, 'approval.requested', { approvalId: 'r_1.plan1', action: 'accept_plan', subject: 'r_1' }),
    ]);
    return running;
  };

  it('says how far it is, what it costs, how long it takes and who is waited for', () => {
    expect(footer(view(), start + 60_000, 200, plain)).toBe(
      '── waiting on you: 1 · 1/4 ▓▓░░░░░░░ 1 agent · $0.00/$5.00 · ETA 3m00s · 1m00s ──',
    );
  });

  it.each([120, 60, 40, 25, 10, 1])('fits in %d columns', (width) => {
    expect(footer(view(), start + 60_000, width, plain).length).toBeLessThan(width);
  });

  it('is ASCII where the locale is', () => {
    expect(footer(view(), start, 200, penOf({ colour: false, unicode: false }))).toMatch(/^[\x20-\x7e]+$/);
  });
});

describe('a run that stands still', () => {
  const paused = (reason: string): RunView => {
    const view = begun(['T1']);
    seen(view, [run(5, 'run.paused', { reason, detail: '' })]);
    return view;
  };

  it('does so when only an operator of this command can move it', () => {
    expect(standsStill(paused('budget'), true)).toBe(true);
    expect(standsStill(paused('model_unavailable'), true)).toBe(true);
    expect(standsStill(paused('operator'), true)).toBe(false);
  });

  it('does so at an approval when nobody answers, once nothing else is at work', () => {
    const view = begun(['T1']);
    seen(view, [
      run(2, 'approval.requested', { approvalId: 'r_1.plan1', action: 'accept_plan', subject: 'r_1' }),
      started(3, 'T1'),
    ]);
    expect(standsStill(view, false)).toBe(false);
    seen(view, [completed(4, 'T1')]);
    expect(standsStill(view, false)).toBe(true);
    expect(standsStill(view, true)).toBe(false);
  });
});

describe('a terminal', () => {
  it.each([
    ['a terminal', { isTTY: true, columns: 90 }, { LANG: 'en_US.UTF-8' }, [true, true, true, 90]],
    ['a pipe', {}, { LANG: 'en_US.UTF-8' }, [false, false, true, 200]],
    ['NO_COLOR', { isTTY: true }, { NO_COLOR: '1', FORCE_COLOR: '1' }, [true, false, true, 80]],
    ['an empty NO_COLOR', { isTTY: true }, { NO_COLOR: '' }, [true, true, true, 80]],
    ['FORCE_COLOR on a pipe', {}, { FORCE_COLOR: '1' }, [false, true, true, 200]],
    ['a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, [false, false, true, 80]],
    ['CI', { isTTY: true }, { CI: 'true' }, [false, true, true, 80]],
    ['the C locale', { isTTY: true }, { LC_ALL: 'C', LANG: 'en_US.UTF-8' }, [true, true, false, 80]],
  ])('%s', (_, stream, environment, [interactive, colour, unicode, width]) => {
    const { width: columns, ...terminal } = terminalOf(stream, environment);
    expect({ ...terminal, width: columns() }).toEqual({ interactive, colour, unicode, width });
  });
});
