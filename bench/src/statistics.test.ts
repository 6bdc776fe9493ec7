import { describe, expect, it } from '@jest/globals';
import { median, percentile } from './statistics.ts';

describe('the median', () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
  ])('of %p is %p', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('is not defined for nothing', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('a percentile', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);

  it.each([
    [0.5, 51],
    [0.95, 96],
    [1, 100],
  ])('of %p is the value that so many do not exceed', (share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });

  it('of nothing is nothing', () => {
    expect(percentile([], 0.95)).toBe(0);
  });
});
