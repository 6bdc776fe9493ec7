import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiClient, CloudEvent } from '@partitura/shared/http';
import { z } from 'zod';
import { ofType } from '../../../services/standalone/src/testing/evidence.ts';
import { wronglyAsked } from './testing/asked-twice.ts';
import { commanding } from './testing/commanding.ts';
import { requestRun } from './testing/conducted-run.ts';
import { type Diary, diary, withDiary } from './testing/diary.ts';
import { eitherGateway } from './testing/either-gateway.ts';
import { type EventCount, eventCount } from './testing/event-count.ts';
import { rollInTurn } from './testing/rolling.ts';
import { untilSettled } from './testing/settled-run.ts';
import { type SlowModel, startSlowModel } from './testing/slow-model.ts';
import type { Swarm } from './testing/swarm.ts';
import { type EndedRun, expectServedAsFolded, expectWholeLog, expectWholeRun } from './testing/whole-run.ts';
import { startWorld, type World } from './testing/world.ts';

/** `PARTITURA_TEST_KILLS=40 PARTITURA_TEST_SEED=2` makes it worse. */
const _kills = Number(process.env.PARTITURA_TEST_KILLS ?? 7);

/** Of an answer, while processes come and go; then there is nothing more to wait for. */
const slowMs = 500;
let latencyMs = 0;

let model: SlowModel;
let world: World;
let swarm: Swarm;
let client: ApiClient;
let clients: readonly ApiClient[];

beforeAll(async () => {
  model = await startSlowModel(() => latencyMs);
  world = await startWorld();
  // Less than what `stop` of a process waits before it kills it.
  const environment = { ...model.environment, PARTITURA_DRAIN_SECONDS: '8' };
  swarm = await world.startSwarm({ replicas: 2, environment });
  clients = [swarm.client(0), swarm.client(1)];
  client = eitherGateway({ urls: swarm.of('gateway').map(({ url }) => url) });
}, 300_000);
afterAll(async () => {
  await world?.close();
  await model?.close();
}, 60_000);

const prd = await readFile(new URL('../../../examples/prds/link-shortener.md', import.meta.url), 'utf8');
const commented = z.object({ text: z.string() });

interface Scene {
  readonly happened: Diary;
  readonly events: EventCount;
  /** Aborts when the test ends, however it does. */
  readonly signal: AbortSignal;
}

/** Models are slow until `trouble` is over; what goes on as long as it lasts is told by `lasts`. */
const amid = async <Trouble, Work>(
  timeoutMs: number,
  trouble: (scene: Scene) => Promise<Trouble>,
  work: (scene: Scene, lasts: () => boolean) => Promise<Work>,
  verify: (trouble: Trouble, work: Work, scene: Scene) => Promise<void>,
): Promise<void> => {
  const over = new AbortController();
  const scene: Scene = { happened: diary(), events: eventCount(), signal: over.signal };
  const logFiles = () => swarm.processes.map(({ logFile }) => logFile);
  let lasts = true;
  latencyMs = slowMs;
  const troubled = async () => {
    try {
      return await trouble(scene);
    } finally {
      lasts = false;
      latencyMs = 0;
    }
  };
  await withDiary({ diary: scene.happened, logFiles, timeoutMs }, async () => {
    try {
      const [met, done] = await Promise.all([troubled(), work(scene, () => lasts)]);
      scene.happened.write('the runs have ended');
      await verify(met, done, scene);
    } finally {
      over.abort();
    }
  });
  console.log(scene.happened.tell([]));
};

/** One run after the other for as long as it is wanted, at least one. */
const runs = async (
  name: string,
  { events, signal }: Scene,
  wanted: () => boolean,
  begun = (_runId: string, _position: string) => {},
): Promise<readonly EndedRun[]> => {
  const ended: EndedRun[] = [];
  do {
    const { url, path } = await world.git.create(`${name}-${ended.length + 1}`);
    const requested = await requestRun(client, { prd, repositoryUrl: url, maxAgents: 3 });
    const seen = ({ type, position }: CloudEvent): void => {
      events.add();
      if (type === 'run.started') begun(requested.runId, position);
    };
    const run = await untilSettled(client, requested, seen, signal);
    expect(run).toMatchObject({ status: 'completed' });
    ended.push({ runId: run.id, branch: run.branch ?? 'none', path });
  } while (wanted());
  return ended;
};

/** When somebody who asks models was killed, in all tests. */
const killedAt: number[] = [];

const expectWhole = async (ended: readonly EndedRun[]): Promise<void> => {
  const log = await world.log();
  expectWholeLog(log);
  expect(await wronglyAsked(model, log, world.blobs, killedAt)).toEqual([]);
  for (const run of ended) {
    await expectWholeRun(log, run);
    await expectServedAsFolded(world, clients, run.runId);
  }
};

/** Quiet machines need a minute each; these are for those that are busy with much else. */
const rollingMs = 600_000;
/** To tell what happened before a test is called off. */
const aMomentMs = 10_000;

const engines =
  'Kafka, Redis, FerretDB (MongoDB’s protocol), PGlite (PostgreSQL), Versity (S3) and a server of EventStoreDB’s protocol';

describe(`two of every service on ${engines}`, () => {
  it(
    'lose nothing and refuse nothing while all of them are restarted, one after the other, at work',
    async () => {
      const begun = new Map<string, string>();
      const begin = (runId: string, position: string): void => void begun.set(runId, position);
      await amid(
        rollingMs - aMomentMs,
        ({ happened, signal }) => rollInTurn({ swarm, diary: happened, signal }),
        (scene, lasts) =>
          Promise.all([
            commanding({ client, runs: begun, wanted: lasts, diary: scene.happened }),
            runs('rolled-a', scene, lasts, begin),
            runs('rolled-b', scene, lasts, begin),
          ]),
        async (_, [given, ...ended], { happened }) => {
          happened.write(`answered: ${JSON.stringify({ ...given, comments: given.comments.length })}`);
          const log = await world.log();
          const said = ofType(log, 'task.commented').map(({ data }) => commented.parse(data).text);
          expect(said.sort()).toEqual([...given.comments].sort());
          expect(ofType(log, 'run.paused')).toHaveLength(given.pauses);
          expect(ofType(log, 'run.resumed')).toHaveLength(given.resumes);
          expect(Math.min(given.comments.length, given.pauses)).toBeGreaterThan(0);
          await expectWhole(ended.flat());
        },
      );
    },
    rollingMs,
  );
});
