import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { attemptOf, idOf, scenario, scheduledKeys, task, typesOf } from '../testing/scenario.ts';

describe('scheduling', () => {
  it('schedules what is ready in the decision that accepts the plan', () => {
    const run = scenario();
    run.start();
    const events = run.plan([task('T1'), task('T2', ['T1']), task('T3')]);
    expect(scheduledKeys(events)).toEqual(['T1', 'T3']);
  });

  it('frees dependants in the very append that completes a task', () => {
    const run = scenario();
    run.start();
    run.plan([task('T1'), task('T2', ['T1']), task('T3', ['T1', 'T2'])]);
    const events = run.complete('T1');
    expect(typesOf(events)).toEqual(['task.started', 'task.submitted', 'task.completed', 'task.scheduled']);
    expect(scheduledKeys(events)).toEqual(['T2']);
  });

  it('keeps to the limit of agents, takes the urgent first, then what has the most behind it, then the plan’s order', () => {
    const run = scenario({ maxAgents: 2 });
    run.start();
    const first = run.plan([
      task('T1'),
      task('T2'),
      task('T3'),
      task('T4', [], { priority: 1 }),
      task('T5', ['T3']),
    ]);
    expect(scheduledKeys(first)).toEqual(['T4', 'T3']);
    expect(scheduledKeys(run.complete('T4'))).toEqual(['T1']);
    expect(scheduledKeys(run.complete('T3'))).toEqual(['T2']);
  });

  it('schedules nothing while it is paused, and everything it may when it goes on', () => {
    const run = scenario();
    run.start();
    run.tell({ kind: 'pause', reason: 'operator', detail: '' });
    expect(scheduledKeys(run.plan([task('T1'), task('T2')]))).toEqual([]);
    expect(scheduledKeys(run.tell({ kind: 'resume' }))).toEqual(['T1', 'T2']);
  });

  it('asks before each task in single-step mode', () => {
    const run = scenario({ step: true });
    run.start();
    expect(typesOf(run.plan([task('T1'), task('T2')]))).toContain('run.paused');
    expect(scheduledKeys(run.tell({ kind: 'resume' }))).toEqual(['T1']);
    expect(typesOf(run.complete('T1'))).toContain('run.paused');
    expect(scheduledKeys(run.tell({ kind: 'resume' }))).toEqual(['T2']);
  });

  it('runs any acyclic plan to its end: each task once, after those it depends on, never more than the agents there are', () => {
    const plans = fc.integer({ min: 1, max: 40 }).chain((size) =>
      fc.record({
        agents: fc.integer({ min: 1, max: 6 }),
        edges: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 3 * size }),
        picks: fc.infiniteStream(fc.nat(1_000)),
        size: fc.constant(size),
      }),
    );
    fc.assert(
      fc.property(plans, ({ agents, edges, picks, size }) => {
        const tasks = Array.from({ length: size }, (_, index) =>
          task(`T${index}`, [
            ...new Set(
              edges.filter(([from, to]) => to === index && from < index).map(([from]) => `T${from}`),
            ),
          ]),
        );
        const run = scenario({ maxAgents: agents });
        run.start();
        const active = new Set(scheduledKeys(run.plan(tasks)));
        const done: string[] = [];
        while (active.size > 0) {
          expect(active.size).toBeLessThanOrEqual(agents);
          const pick = [...active][(picks.next().value ?? 0) % active.size] ?? '';
          active.delete(pick);
          done.push(pick);
          for (const key of scheduledKeys(run.complete(pick))) {
            expect(
              tasks
                .find((one) => one.key === key)
                ?.dependsOn.every((dependency) => done.includes(dependency)),
            ).toBe(true);
            active.add(key);
          }
        }
        expect(new Set(done).size).toBe(size);
        expect(done).toHaveLength(size);
        expect(run.run().status).toBe('completed');
      }),
      { numRuns: 60 },
    );
  });
});

describe('attempts', () => {
  const started = (partial = {}) => {
    const run = scenario(partial);
    run.start();
    run.plan([task('T1'), task('T2', ['T1'])]);
    return run;
  };

  it('backs off twice as long each time, then gives the task to the dead letters and blocks what depends on it', () => {
    const run = started();
    expect(typesOf(run.fail('T1'))).toEqual(['task.attempt_failed']);
    expect(run.wait(999)).toEqual([]);
    expect(typesOf(run.wait(1))).toEqual(['task.due', 'task.scheduled']);
    run.fail('T1', 2);
    expect(run.wait(1_999)).toEqual([]);
    expect(scheduledKeys(run.wait(1))).toEqual(['T1']);
    expect(typesOf(run.fail('T1', 3))).toEqual([
      'task.failed',
      'task.dead_lettered',
      'task.blocked',
      'run.failed',
    ]);
    expect(run.run().failure?.code).toBe('TASKS_DEAD_LETTERED');
  });

  it('opens a failed run again when an operator retries its dead letter', () => {
    const run = started();
    for (const attempt of [1, 2, 3]) {
      run.fail('T1', attempt);
      run.wait(60_000);
    }
    const events = run.tell({ kind: 'retry_task', taskId: idOf('T1'), model: 'openai/gpt-5' });
    expect(typesOf(events)).toEqual(['task.retried', 'task.unblocked', 'run.resumed', 'task.scheduled']);
    expect(events.at(-1)).toMatchObject({ data: { model: 'openai/gpt-5', attemptId: attemptOf('T1', 4) } });
    run.complete('T1', 4);
    run.complete('T2');
    expect(run.run().status).toBe('completed');
  });

  it('hears nothing from an attempt that does not count any more', () => {
    const run = started();
    run.fail('T1');
    run.wait(1_000);
    expect(run.complete('T1', 1)).toEqual([]);
    expect(run.fail('T1', 1)).toEqual([]);
    expect(run.complete('T1', 2).length).toBeGreaterThan(0);
    expect(run.complete('T1', 2)).toEqual([]);
  });

  it('pauses for a wrong key instead of blaming the task, and takes the task up again after a resume', () => {
    const run = started();
    for (let round = 1; round <= 5; round += 1) {
      expect(typesOf(run.fail('T1', round, 'MODEL_UNAUTHORIZED'))).toEqual([
        'task.attempt_failed',
        'run.paused',
      ]);
      run.wait(1);
      expect(scheduledKeys(run.tell({ kind: 'resume' }))).toEqual(['T1']);
    }
    expect(run.run().deadLettered).toBe(0);
  });

  it('ends an attempt whose runner never came back at its deadline', () => {
    const run = started();
    expect(run.wait(30 * 60_000 - 1)).toEqual([]);
    const events = run.wait(1);
    expect(events[0]).toMatchObject({
      type: 'task.attempt_failed',
      data: { problem: { code: 'TASK_TIMEOUT' } },
    });
  });

  it('turns a merge conflict into a task, and completes both when that one is merged', () => {
    const run = started();
    const attemptId = attemptOf('T1');
    run.tell({
      kind: 'finish_attempt',
      attemptId,
      branch: 'b',
      commit: 'c',
      usage: { ...zero },
      requirementIds: [],
      findings: [],
    });
    const events = run.tell({ kind: 'report_conflict', attemptId, branch: 'b', files: ['src/a.js'] });
    expect(typesOf(events)).toEqual(['task.added', 'task.scheduled']);
    const [key] = scheduledKeys(events);
    expect(run.tell({ kind: 'report_conflict', attemptId, branch: 'b', files: ['src/a.js'] })).toEqual([]);
    const done = run.complete(key ?? '');
    expect(done.filter(({ type }) => type === 'task.completed')).toHaveLength(2);
    expect(scheduledKeys(done)).toEqual(['T2']);
  });

  it('makes another attempt when the checks fail after the merge', () => {
    const run = started();
    const attemptId = attemptOf('T1');
    run.tell({
      kind: 'finish_attempt',
      attemptId,
      branch: 'b',
      commit: 'c',
      usage: { ...zero },
      requirementIds: [],
      findings: [],
    });
    run.tell({
      kind: 'reject_merge',
      attemptId,
      problem: { code: 'CHECKS_FAILED_AFTER_MERGE', message: 'npm test' },
    });
    expect(scheduledKeys(run.wait(1_000))).toEqual(['T1']);
  });
});

const zero = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costMicroUsd: 0,
  calls: 0,
};
