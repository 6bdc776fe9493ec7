import { describe, expect, it } from '@jest/globals';
import { attemptOf, idOf, scenario, task } from '../testing/scenario.ts';

const atWork = () => {
  const run = scenario();
  run.start();
  run.plan([task('T1'), task('T2', ['T1'])]);
  const say = (attemptId: string) =>
    run.tell({ kind: 'message_attempt', attemptId, messageId: 'c_1', text: 'Mind the gap.' });
  const interrupt = (attemptId: string) =>
    run.tell({ kind: 'interrupt_attempt', attemptId, messageId: 'c_2', reason: 'Not that.' });
  return { ...run, say, interrupt };
};
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('what is said to an agent', () => {
  it('is said in the run, also when nobody has taken the attempt yet', () => {
    const run = atWork();
    const attempt = { taskId: idOf('T1'), attemptId: attemptOf('T1') };
    expect(run.say(attemptOf('T1'))).toEqual([
      { type: 'task.message_sent', data: { ...attempt, messageId: 'c_1', text: 'Mind the gap.' } },
    ]);
    run.tell({ kind: 'start_attempt', attemptId: attemptOf('T1') });
    run.tell({ kind: 'pause', reason: 'operator', detail: '' });
    expect(run.interrupt(attemptOf('T1'))).toEqual([
      { type: 'task.interrupted', data: { ...attempt, messageId: 'c_2', reason: 'Not that.' } },
    ]);
  });

  it('is refused where nobody would read it', () => {
    const run = atWork();
    for (const nobody of [attemptOf('T2'), attemptOf('T1', 2), attemptOf('T9'), 'r_test', 'r_test.T1.a0'])
      expect(() => run.say(nobody)).toThrow(code('AGENT_NOT_FOUND'));
    run.complete('T1');
    expect(() => run.say(attemptOf('T1'))).toThrow(code('WRONG_AGENT_STATUS'));
    run.tell({ kind: 'cancel', reason: '' });
    expect(() => run.interrupt(attemptOf('T2'))).toThrow(code('RUN_ENDED'));
  });
});
