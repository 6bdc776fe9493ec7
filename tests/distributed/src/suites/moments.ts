import { describe, expect, it } from '@jest/globals';
import type { CloudEvent } from '@partitura/shared/http';
import type { FinishedWorld, Given } from './finished-world.ts';

type Page = { readonly items: readonly CloudEvent[]; readonly nextCursor: string | null };
type Query = Readonly<Record<string, string | number>>;
type Ask = (query: Query) => Promise<unknown>;

/** So small that there are many. */
const pageSize = 100;
const moments = 6;

const allPages = async (ask: Ask, query: Query): Promise<readonly CloudEvent[]> => {
  const found: CloudEvent[] = [];
  let cursor: string | null = null;
  do {
    const page = (await ask({ ...query, limit: pageSize, ...(cursor === null ? {} : { cursor }) })) as Page;
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
};

const bothAsked = ({ client, folded, finished }: FinishedWorld) => {
  const params = { id: finished.runId };
  return {
    served: ((query) => client.call('getRunHistory', { params, query })) satisfies Ask,
    embedded: ((query) => folded.ask('getRunHistory', { params, query })) satisfies Ask,
  };
};

export const describeMoments = (given: Given): void =>
  describe('the record', () => {
    it('is paged both ways as in one process, whatever is asked for', async () => {
      const world = given();
      const { served, embedded } = bothAsked(world);
      const whole = await allPages(served, {});
      expect(whole.length).toBeGreaterThan(2 * pageSize);
      expect(whole).toEqual(await allPages(embedded, {}));
      const backwards = await allPages(served, { order: 'descending' });
      expect(backwards.toReversed()).toEqual(whole);
      const [agent = ''] = whole.flatMap(({ subject }) => /^agent-(.+\.a1)$/.exec(subject)?.slice(1) ?? []);
      for (const asked of [
        { type: 'task.completed,task.rejected' },
        { order: 'descending', from: whole[50]?.position ?? '', to: whole[190]?.position ?? '' },
        { agent, order: 'descending' },
      ]) {
        const found = await allPages(served, asked);
        expect(found.length).toBeGreaterThan(2);
        expect(found).toEqual(await allPages(embedded, asked));
      }
    });

    it('says how the run stood at any moment, what changed between two, and what other rules had done', async () => {
      const world = given();
      const { client, folded, finished } = world;
      const params = { id: finished.runId };
      const events = await allPages(bothAsked(world).served, {});
      const positions = Array.from(
        { length: moments },
        (_, index) => events[Math.floor(((index + 1) * (events.length - 1)) / moments)]?.position ?? '',
      );
      for (const [index, at] of positions.entries()) {
        const state = await client.call('getRunState', { params, query: { at } });
        expect(state).toEqual(await folded.ask('getRunState', { params, query: { at } }));
        const from = positions[index - 1];
        const query = from === undefined ? { to: at } : { from, to: at };
        const diff = await client.call('getRunDiff', { params, query });
        expect(diff).toEqual(await folded.ask('getRunDiff', { params, query }));
      }
      const policy = {
        budget: { tokens: 20_000 },
        retries: { maxAttempts: 1 },
        loopDetection: { maxTurns: 1 },
      };
      const tried = await client.call('backtestPolicy', { body: { policy } });
      expect(tried).toEqual(await folded.ask('backtestPolicy', { body: { policy } }));
      expect(tried.total.stops).toBeGreaterThan(0);

      const file = await world.place.write('policy.json', JSON.stringify(policy));
      const said = await world.command(['backtest', '--policy', file]);
      expect(said).toEqual(tried);
      const [at = ''] = positions;
      const state = await client.call('getRunState', { params, query: { at } });
      expect(await world.command(['state', finished.runId, '--at', at])).toEqual(state);
    });
  });
