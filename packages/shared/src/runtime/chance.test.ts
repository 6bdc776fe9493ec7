import { describe, expect, it } from '@jest/globals';
import { backoffAfter } from './backoff.ts';
import { randomIds } from './chance.ts';

describe('ids', () => {
  it('carry their prefix and ten characters of Crockford’s base 32', () => {
    const ids = randomIds();
    for (let count = 0; count < 1_000; count += 1)
      expect(ids.next('r')).toMatch(/^r_[0-9abcdefghjkmnpqrstvwxyz]{10}$/);
  });

  it('do not repeat, within a pool or from one pool to the next', () => {
    const ids = randomIds();
    const made = Array.from({ length: 20_000 }, () => ids.next('e'));
    expect(new Set(made).size).toBe(made.length);
  });
});

describe('backoff', () => {
  it('doubles with each failure up to the most', () => {
    const policy = { backoffMs: 100, maxBackoffMs: 500 };
    expect([1, 2, 3, 4, 5].map((failures) => backoffAfter(policy, failures))).toEqual([
      100, 200, 400, 500, 500,
    ]);
  });

  it('stays at the most when the doubling overflows', () => {
    expect(backoffAfter({ backoffMs: 100, maxBackoffMs: 30_000 }, 5_000)).toBe(30_000);
  });
});
