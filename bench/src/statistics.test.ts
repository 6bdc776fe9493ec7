import { describe, expect, it } from '@jest/globals';
import { median } from './statistics.ts';

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
