import { describe, expect, it } from '@jest/globals';
import type { CheckResult } from '@partitura/shared/events';
import { idOf, scenario, task } from '../testing/scenario.ts';

const check = (outcome: CheckResult['outcome']): CheckResult => ({
  name: 'test',
  command: 'npm test',
  outcome,
  exitCode: 0,
  durationMs: 1,
  passed: null,
  failed: null,
  output: null,
});

const begun = () => {
  const run = scenario();
  run.start();
  run.plan([task('T1'), task('T2', ['T1'])]);
  const request = (key: string, requestId = 'c_1') =>
    run.tell({ kind: 'request_checks', taskId: idOf(key), requestId });
  const record = (requestId: string, ...checks: readonly CheckResult[]) =>
    run.tell({ kind: 'record_checks', taskId: idOf('T1'), requestId, checks, problem: null });
  return { ...run, request, record };
};
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('checks that somebody wants run again', () => {
  it('are run on what was merged, one request at a time, also when the run is over', () => {
    const run = begun();
    run.complete('T1');
    run.tell({ kind: 'cancel', reason: '' });
    expect(run.request('T1')).toEqual([
      {
        type: 'task.checks_requested',
        data: { taskId: idOf('T1'), requestId: 'c_1', branch: 'partitura/r_test', commit: 'merge-T1' },
      },
    ]);
    expect(run.request('T1', 'c_2')).toEqual([]);
    expect(run.record('c_2', check('passed'))).toEqual([]);
    expect(run.record('c_1', check('passed'))).toMatchObject([
      { type: 'gate.evaluated', data: { gate: 'checks', subject: idOf('T1'), verdict: 'passed' } },
    ]);
    expect(run.record('c_1', check('failed'))).toEqual([]);
    expect(run.request('T1', 'c_3')).toHaveLength(1);
    expect(run.record('c_3', check('passed'), check('failed'))).toMatchObject([
      { data: { verdict: 'failed', findings: [{ severity: 'high' }] } },
    ]);
  });

  it('prove nothing when none could be run', () => {
    const run = begun();
    run.complete('T1');
    run.request('T1');
    expect(run.record('c_1', check('unavailable'))).toMatchObject([{ data: { verdict: 'warned' } }]);
  });

  it('are refused while an agent is at it, and where nothing was handed in', () => {
    const run = begun();
    expect(() => run.request('T1')).toThrow(code('WRONG_TASK_STATUS'));
    expect(() => run.request('T2')).toThrow(code('NOTHING_TO_CHECK'));
    expect(() => run.request('T9')).toThrow(code('TASK_NOT_FOUND'));
  });
});
