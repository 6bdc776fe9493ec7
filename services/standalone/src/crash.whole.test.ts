import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { rehearsalModel } from '@partitura/shared/models';
import { respondWith, startAnthropicServer, type WireServer } from '@partitura/shared/models/testing';
import { seededRandomness } from '@partitura/shared/runtime/testing';
import {
  branchesOf,
  brokenChain,
  checkoutOf,
  completedTasks,
  faultsIn,
  mergesOf,
  modelCalls,
  ofType,
  openCalls,
  plannedTasks,
  readLog,
} from './testing/evidence.ts';
import { type HostProcess, type Said, startHost } from './testing/host-process.ts';
import { makePlaces, type Places } from './testing/places.ts';
import { replayLog } from './testing/replayed.ts';

/** How often one run is killed. `PARTITURA_TEST_KILLS=24 PARTITURA_TEST_SEED=2` makes it worse. */
const kills = Number(process.env.PARTITURA_TEST_KILLS ?? 3);
const seed = Number(process.env.PARTITURA_TEST_SEED ?? 1);
const timeoutMs = 240_000 + kills * 30_000;

interface Moment {
  /** Counted from the start of the process, among events that were not there before. */
  readonly matches: (said: Extract<Said, { kind: 'event' }>, count: number) => boolean;
  readonly afterMs: number;
}

const randomMoments = (count: number): readonly Moment[] => {
  const randomness = seededRandomness(seed);
  return Array.from({ length: count }, () => {
    const events = Math.floor(randomness.next() * Math.max(4, 220 / count));
    return { matches: (_, seen) => seen > events, afterMs: Math.floor(randomness.next() * 120) };
  });
};

const atEvent = (type: string, afterMs: number): Moment => ({
  matches: (said) => said.type === type,
  afterMs,
});

const opened: { places: Places; server: WireServer; hosts: HostProcess[] }[] = [];
afterEach(async () => {
  for (const { places, server, hosts } of opened.splice(0)) {
    for (const host of hosts) await host.kill();
    await server.close();
    await places.remove();
  }
});

const world = async () => {
  const places = await makePlaces();
  const server = await startAnthropicServer({
    respond: respondWith(rehearsalModel({ seed: 1 }), 'rehearsal/rehearsal'),
  });
  const hosts: HostProcess[] = [];
  opened.push({ places, server, hosts });
  const environment = {
    ANTHROPIC_API_KEY: 'sk-ant-of-a-test-that-never-leaves-this-machine',
    ANTHROPIC_BASE_URL: server.url,
    PARTITURA_MODEL: 'anthropic/claude-sonnet-5-5',
  };
  return {
    places,
    server,
    start: () => {
      const host = startHost({ ...places, environment });
      hosts.push(host);
      return host;
    },
  };
};

type World = Awaited<ReturnType<typeof world>>;

/** Lets the host work until the moment comes, or to the end. Answers what it ended with; null when it was killed. */
const workUntil = async (
  host: HostProcess,
  moment: Moment | null,
  from: string,
): Promise<{ status: string | null; last: string }> => {
  let last = from;
  let seen = 0;
  for (;;) {
    const said = await host.next();
    if (said === null) throw new Error(`The program ended by itself. ${host.errors()}`);
    if (said.kind === 'ended') return { status: said.status, last };
    if (said.kind !== 'event' || said.position <= last) continue;
    last = said.position;
    seen += 1;
    if (moment?.matches(said, seen)) {
      await wait(moment.afterMs);
      await host.kill();
      return { status: null, last };
    }
  }
};

const killAndGoOn = async ({ places, start }: World, moments: readonly Moment[]) => {
  let killed = 0;
  let open = 0;
  let last = '';
  for (const moment of [...moments, null]) {
    const ended = await workUntil(start(), moment, last);
    last = ended.last;
    if (ended.status !== null) return { status: ended.status, killed, open };
    killed += 1;
    open += openCalls(await readLog(places.data));
  }
  throw new Error('The last host is never killed.');
};

const runBranch = async (places: Places): Promise<string> =>
  (await branchesOf(places.repository)).find((name) => name.startsWith('partitura/')) ?? 'none';

const expectWhole = async ({ places, server }: World, open: number, before: unknown): Promise<void> => {
  const events = await readLog(places.data);
  expect(brokenChain(events)).toBeNull();
  const completed = completedTasks(events);
  expect(new Set(completed).size).toBe(completed.length);
  const calls = [...modelCalls(events).values()];
  expect(calls.filter(({ requested, answered }) => requested !== 1 || answered > 1)).toEqual([]);
  expect(calls.filter(({ answered, failed }) => answered + failed === 0)).toEqual([]);
  // Whoever was at a call when the process died asks again. Nobody else does.
  expect(server.requests.length).toBeLessThanOrEqual(calls.length + open);
  const branch = await runBranch(places);
  const merges = await mergesOf(places.repository, branch);
  expect(new Set(merges).size).toBe(merges.length);
  expect(merges).toHaveLength(ofType(events, 'merge.completed').length);
  expect(await faultsIn(places.repository)).toBe('');
  expect(await checkoutOf(places.repository)).toEqual(before);
  expect(await replayLog(places.data)).toMatchObject({ divergences: [], taken: 0 });
};

describe('a run whose process is killed', () => {
  it(
    'at random moments goes on by itself and does what it would have done',
    async () => {
      const [undisturbed, disturbed] = [await world(), await world()];
      const before = await checkoutOf(disturbed.places.repository);
      const [whole, { status, killed, open }] = await Promise.all([
        killAndGoOn(undisturbed, []),
        killAndGoOn(disturbed, randomMoments(kills)),
      ]);
      expect(whole).toMatchObject({ status: 'completed', killed: 0 });
      expect(status).toBe('completed');
      expect(killed).toBeGreaterThan(0);
      const [expected, events] = [
        await readLog(undisturbed.places.data),
        await readLog(disturbed.places.data),
      ];
      expect(plannedTasks(events)).toEqual(plannedTasks(expected));
      expect([...completedTasks(events)].sort()).toEqual([...completedTasks(expected)].sort());
      await expectWhole(disturbed, open, before);
      if (process.env.PARTITURA_TEST_KILLS !== undefined) console.log(`seed ${seed}: killed ${killed} times`);
    },
    timeoutMs,
  );

  it(
    'while it plans, while an agent acts, and while a branch is merged, loses nothing of it',
    async () => {
      const one = await world();
      const before = await checkoutOf(one.places.repository);
      const { status, killed, open } = await killAndGoOn(one, [
        atEvent('plan.requirements_identified', 0),
        atEvent('tool.called', 20),
        atEvent('merge.queued', 150),
        atEvent('merge.queued', 400),
      ]);
      expect({ status, killed }).toEqual({ status: 'completed', killed: 4 });
      await expectWhole(one, open, before);
    },
    timeoutMs,
  );
});
