import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type LiveClient, openLiveClient } from '../../../services/gateway/src/testing/live-client.ts';
import { openFeed } from './testing/feed.ts';
import { bootstrapKey, type Server, startServer } from './testing/server.ts';
import { foundTenant, type Tenant } from './testing/tenant.ts';

/** As often as the issue asks for. */
const cuts = 50;

interface Told {
  readonly position: string;
  readonly type: string;
}

/** Somebody who follows a run over connections that break. */
interface Follower {
  /** Reads some events more, if there are so many, and is cut off. */
  read(most: number): Promise<void>;
  readonly told: readonly Told[];
}

let server: Server;
let tenant: Tenant;
beforeAll(async () => {
  server = await startServer({ PARTITURA_API_KEY: bootstrapKey });
  tenant = await foundTenant(server, 'bergen');
});
afterAll(() => server.stop());

const isEnd = ({ type }: Told): boolean => type === 'run.completed' || type === 'run.failed';

const bySse = (run: string): Follower => {
  const told: Told[] = [];
  let lastEventId: string | undefined;
  return {
    told,
    read: async (most) => {
      const key = tenant.keys.viewer.secret;
      const feed = await openFeed(`${server.url}/api/v1/events?runId=${run}&after=`, { key, lastEventId });
      let left = most;
      // What is on its way when it is cut off was not read, and has to come again.
      await feed
        .until(({ id, event, data }) => {
          if (event !== 'event') return false;
          const one: Told = JSON.parse(data);
          told.push(one);
          lastEventId = id;
          left -= 1;
          return left <= 0 || isEnd(one);
        })
        .catch(() => undefined);
      feed.cut();
      await feed.ended;
    },
  };
};

const byWebSocket = (run: string): Follower => {
  const told: Told[] = [];
  const connect = async (): Promise<LiveClient> => {
    const key = tenant.keys.viewer.secret;
    const client = openLiveClient(`${server.url}/ws`, ['partitura', `bearer.${key}`]);
    await client.until('welcome');
    client.say({ type: 'join', topic: `run:${run}`, after: told.at(-1)?.position ?? '' });
    return client;
  };
  return {
    told,
    read: async (most) => {
      const client = await connect();
      for (let left = most; left > 0; left -= 1) {
        const message = await client.until('event').catch(() => null);
        if (message === null) break;
        const one = message.event as Told;
        told.push(one);
        if (isEnd(one)) break;
      }
      client.close();
    },
  };
};

/** How many events each connection brings before it is cut, and before which of them the server is restarted. */
const lives = fc.record({
  sse: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: cuts, maxLength: cuts }),
  webSocket: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: cuts, maxLength: cuts }),
  restartAt: fc.integer({ min: 5, max: 20 }),
});

const follow = async (
  follower: Follower,
  amounts: readonly number[],
  meet: (at: number) => Promise<void>,
) => {
  for (const [at, amount] of amounts.entries()) {
    await meet(at);
    await follower.read(amount);
  }
  while (!follower.told.some(isEnd)) await follower.read(Number.POSITIVE_INFINITY);
};

/** Resolves for all who have come so far that nobody reads, and does the work once. */
const meeting = (at: number, parties: number, work: () => Promise<void>) => {
  let missing = parties;
  const done = Promise.withResolvers<void>();
  return async (turn: number): Promise<void> => {
    if (turn !== at) return;
    missing -= 1;
    if (missing === 0) void work().then(done.resolve, done.reject);
    await done.promise;
  };
};

/** From the read model, page by page, up to the end of the run. */
const historyOf = async (run: string, end: string): Promise<readonly string[]> => {
  const positions: string[] = [];
  let cursor: string | null = null;
  do {
    const query: { after: string; to: string; limit: number; cursor?: string } = {
      after: end,
      to: end,
      limit: 100,
      ...(cursor === null ? {} : { cursor }),
    };
    const page: { items: readonly Told[]; nextCursor: string | null } = await tenant.client.call(
      'getRunHistory',
      { params: { id: run }, query },
    );
    positions.push(...page.items.map(({ position }) => position));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return positions;
};

it('a client that is cut off fifty times during a run, and finds the server restarted, has its events, all, once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(lives, async ({ sse, webSocket, restartAt }) => {
      const run = await tenant.start({ rehearse: true, workflow: 'architect-plan-swarm' });
      const followers = [bySse(run), byWebSocket(run)] as const;
      const meet = meeting(restartAt, followers.length, () => server.restart());
      await Promise.all([follow(followers[0], sse, meet), follow(followers[1], webSocket, meet)]);
      const positions = await historyOf(run, followers[0].told.at(-1)?.position ?? '');
      expect(positions.length).toBeGreaterThan(100);
      for (const { told } of followers) expect(told.map(({ position }) => position)).toEqual(positions);
    }),
    { numRuns: 1, endOnFailure: true },
  );
});
