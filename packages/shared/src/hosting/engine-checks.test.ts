import { describe, expect, it } from '@jest/globals';
import { engineChecks } from './engine-checks.ts';

describe('checks of engines', () => {
  it('say what the engine says, and that it is well again', async () => {
    let problem: Error | null = new Error('Redis at 127.0.0.1:6379 does not answer');
    const engines = engineChecks();
    engines.add('Redis', async () => {
      if (problem) throw problem;
    });
    expect(engines.all.map(({ name }) => name)).toEqual(['Redis']);
    expect(await engines.all[0]?.check()).toBe('Redis at 127.0.0.1:6379 does not answer');
    problem = null;
    expect(await engines.all[0]?.check()).toBeNull();
  });

  it('ask an engine that hangs once, however often they are asked', async () => {
    let asked = 0;
    const answer = Promise.withResolvers<void>();
    const engines = engineChecks();
    engines.add('Redis', () => {
      asked += 1;
      return answer.promise;
    });
    const checks = [engines.all[0]?.check(), engines.all[0]?.check()];
    expect(asked).toBe(1);
    answer.resolve();
    expect(await Promise.all(checks)).toEqual([null, null]);
    await engines.all[0]?.check();
    expect(asked).toBe(2);
  });
});
