import { describe, expect, it } from '@jest/globals';
import { asPosition } from '@partitura/shared/events';
import { virtualClock } from '@partitura/shared/runtime/testing';
import { headStart } from './head-start.ts';

const [here, further] = [asPosition('1'), asPosition('2')];

describe('a head start', () => {
  it('is not given to others who were never faster: it costs an instance alone nothing', async () => {
    const others = headStart(virtualClock(), () => Promise.reject(new Error('nobody is asked')));
    expect(await others.given(here)).toBe(false);
  });

  it('ends as soon as the other has gone on', async () => {
    const clock = virtualClock({ automatic: true });
    let asked = 0;
    const others = headStart(clock, async () => (asked++ < 3 ? here : further));
    others.lost();
    const before = clock.now();
    expect(await others.given(here)).toBe(true);
    expect(clock.now() - before).toBe(35);
    // It is the second from now on.
    expect(await others.given(here)).toBe(true);
  });

  it('is not given any more to one who does not come', async () => {
    const clock = virtualClock({ automatic: true });
    let asked = 0;
    const others = headStart(clock, async () => {
      asked += 1;
      return here;
    });
    others.lost();
    expect(await others.given(here)).toBe(false);
    const before = asked;
    expect(await others.given(here)).toBe(false);
    expect(asked).toBe(before);
  });
});
