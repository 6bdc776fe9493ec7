import { describe, expect, it } from '@jest/globals';
import type { ExaminedPage } from '../event-store/index.ts';
import { verifyLog } from './verify-log.ts';

describe('a log that is verified', () => {
  it('lets others have their turn with every page', async () => {
    let turns = 0;
    let over = false;
    const turn = (): void => {
      turns += 1;
      if (!over) setImmediate(turn);
    };
    async function* pages(): AsyncGenerator<ExaminedPage> {
      for (let page = 0; page < 50; page += 1) yield { events: [], findings: [] };
    }
    setImmediate(turn);
    await verifyLog({ pages: pages(), trusted: new Set(), witness: null, atRest: false });
    over = true;
    expect(turns).toBeGreaterThanOrEqual(49);
  });
});
