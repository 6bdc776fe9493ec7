import { describe, expect, it } from '@jest/globals';
import { seededRandomness, sequentialIds, virtualClock } from './index.ts';

describe('the virtual clock', () => {
  it('wakes sleepers in the order of their times, and those of one time in the order they lay down', async () => {
    const clock = virtualClock({ start: 1_000 });
    const woken: string[] = [];
    const sleep = async (name: string, ms: number) => {
      await clock.sleep(ms);
      woken.push(`${name}@${clock.now()}`);
    };
    void sleep('late', 30);
    void sleep('first of two', 10);
    void sleep('second of two', 10);
    await clock.advance(29);
    expect(woken).toEqual(['first of two@1010', 'second of two@1010']);
    expect(clock.now()).toBe(1_029);
    await clock.advance(1);
    expect(woken.at(-1)).toBe('late@1030');
    expect(clock.sleeping()).toBe(0);
  });

  it('lets who woke sleep again before time goes on', async () => {
    const clock = virtualClock({ start: 0 });
    const ticks: number[] = [];
    const tick = async () => {
      for (let count = 0; count < 3; count += 1) {
        await clock.sleep(10);
        ticks.push(clock.now());
      }
    };
    void tick();
    await clock.advance(100);
    expect(ticks).toEqual([10, 20, 30]);
  });

  it('jumps by itself when it is automatic, also for sleeps that begin while it jumps', async () => {
    const clock = virtualClock({ start: 0, automatic: true });
    const nap = async (ms: number) => {
      for (let count = 0; count < 50; count += 1) {
        await clock.sleep(ms);
        await Promise.resolve();
      }
    };
    await Promise.all([nap(3_600_000), nap(7), nap(0)]);
    expect(clock.now()).toBe(50 * 3_600_000);
  });

  it('rejects a sleep with the reason of its signal, and forgets it', async () => {
    const clock = virtualClock();
    const controller = new AbortController();
    const sleeping = clock.sleep(10, controller.signal);
    controller.abort(new Error('stop'));
    await expect(sleeping).rejects.toThrow('stop');
    expect(clock.sleeping()).toBe(0);
    await expect(clock.sleep(10, controller.signal)).rejects.toThrow('stop');
  });
});

describe('predictable chance', () => {
  it('counts ids per prefix', () => {
    const ids = sequentialIds();
    expect([ids.next('r'), ids.next('e'), ids.next('r')]).toEqual([
      'r_0000000001',
      'e_0000000001',
      'r_0000000002',
    ]);
    for (let count = 3; count < 33; count += 1) ids.next('r');
    expect(ids.next('r')).toBe('r_0000000011');
  });

  it('gives the same numbers in [0, 1) for the same seed', () => {
    const [one, same, other] = [seededRandomness(7), seededRandomness(7), seededRandomness(8)];
    const numbers = Array.from({ length: 1_000 }, () => one.next());
    expect(Array.from({ length: 1_000 }, () => same.next())).toEqual(numbers);
    expect(other.next()).not.toBe(numbers[0]);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    const mean = numbers.reduce((sum, number) => sum + number) / numbers.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
  });
});
