import { describe, expect, it } from '@jest/globals';
import { systemClock } from './clock.ts';

describe('the system clock', () => {
  it('rejects a sleep with the very reason of its signal', async () => {
    const controller = new AbortController();
    const reason = new Error('not needed any more');
    const sleeping = systemClock.sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
  });

  it('does not go to sleep for a signal that is aborted already', async () => {
    const reason = new Error('too late');
    await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('sleeps longer than one timer can', async () => {
    const controller = new AbortController();
    const sleeping = systemClock.sleep(2 ** 33, controller.signal);
    // A delay that overflows the timer would have fired by now.
    const first = await Promise.race([
      sleeping.then(() => 'woke'),
      systemClock.sleep(20).then(() => 'asleep'),
    ]);
    controller.abort(new Error('done'));
    await expect(sleeping).rejects.toThrow('done');
    expect(first).toBe('asleep');
  });

  it('leaves no listener behind on a signal that many sleeps share', async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...given: Parameters<typeof addEventListener>) => {
      listeners += 1;
      addEventListener.apply(signal, given);
    };
    signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => {
      listeners -= 1;
      removeEventListener.apply(signal, given);
    };
    await Promise.all(Array.from({ length: 20 }, () => systemClock.sleep(0, signal)));
    expect(listeners).toBe(0);
  });
});
