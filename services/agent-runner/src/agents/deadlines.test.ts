import { describe, expect, it } from '@jest/globals';
import { virtualClock } from '@partitura/shared/runtime/testing';
import { deadlines } from './deadlines.ts';

describe('deadlines', () => {
  it('fire in their order from one timer, and leave none behind', async () => {
    const clock = virtualClock({ start: 0 });
    const due = deadlines(clock);
    const fired: string[] = [];
    const add = (at: number) => due.add(at, () => fired.push(`${at}@${clock.now()}`));
    add(30);
    const forget = add(10);
    add(20);
    add(Number.POSITIVE_INFINITY);
    await clock.advance(0);
    expect(clock.sleeping()).toBe(1);
    forget();
    await clock.advance(25);
    expect(fired).toEqual(['20@20']);
    await clock.advance(10);
    expect(fired).toEqual(['20@20', '30@30']);
    expect(clock.sleeping()).toBe(0);
  });
});
