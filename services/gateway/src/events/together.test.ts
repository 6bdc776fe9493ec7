import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { together } from './together.ts';

let done: number;
let stop: AbortController;
beforeEach(() => {
  jest.useFakeTimers();
  done = 0;
  stop = new AbortController();
});
afterEach(() => {
  jest.useRealTimers();
});

const count = (intervalMs: number): (() => void) =>
  together(
    () => {
      done += 1;
    },
    () => intervalMs,
    stop.signal,
  );

describe('what is asked for again and again', () => {
  it('is done at once, then once for all that came meanwhile, and at once again after a rest', () => {
    const ask = count(20);
    ask();
    expect(done).toBe(1);
    ask();
    ask();
    jest.advanceTimersByTime(19);
    ask();
    expect(done).toBe(1);
    jest.advanceTimersByTime(1);
    expect(done).toBe(2);
    jest.advanceTimersByTime(20);
    expect(done).toBe(2);
    ask();
    expect(done).toBe(3);
  });

  it('is done each time where nothing is to be waited for', () => {
    const ask = count(0.5);
    for (let asked = 0; asked < 3; asked += 1) ask();
    expect(done).toBe(3);
  });

  it('is not done any more after it was stopped', () => {
    const ask = count(20);
    ask();
    ask();
    stop.abort();
    jest.advanceTimersByTime(100);
    ask();
    expect(done).toBe(1);
  });
});
