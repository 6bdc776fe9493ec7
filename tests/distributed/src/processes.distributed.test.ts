import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seededRandomness } from '@partitura/shared/runtime';
import { killInTurn } from './testing/killing.ts';
import { serviceNames } from './testing/service-process.ts';
import { startTroubledSwarm, type TroubledSwarm } from './testing/troubled-swarm.ts';

/** `PARTITURA_TEST_KILLS=40 PARTITURA_TEST_SEED=2` makes it worse. */
const kills = Number(process.env.PARTITURA_TEST_KILLS ?? serviceNames.length);
const seed = Number(process.env.PARTITURA_TEST_SEED ?? 1);

let all: TroubledSwarm;

beforeAll(async () => {
  all = await startTroubledSwarm();
}, 300_000);
afterAll(() => all?.close(), 60_000);

/** Quiet machines need a minute; this is for those that are busy with much else. */
const killingMs = 240_000 + kills * 30_000;
/** To tell what happened before a test is called off. */
const aMomentMs = 10_000;
const askers: ReadonlySet<string> = new Set(['planner', 'agent-runner']);

const engines =
  'Kafka, Redis, FerretDB (MongoDB’s protocol), PGlite (PostgreSQL), Versity (S3) and a server of EventStoreDB’s protocol';

describe(`two of every service on ${engines}`, () => {
  it(
    `bring runs to their ends while ${kills} processes are killed, one after the other (seed ${seed})`,
    () =>
      all.amid({
        timeoutMs: killingMs - aMomentMs,
        trouble: ({ happened, events, signal }) =>
          killInTurn({
            swarm: all.swarm,
            kills,
            randomness: seededRandomness(seed),
            events,
            diary: happened,
            signal,
          }),
        work: (scene, lasts) => all.runs('killed', scene, lasts),
        verify: async (killed, ended) => {
          expect(killed).toHaveLength(kills);
          const asked = killed.filter(({ victim }) => askers.has(victim.service));
          await all.expectWhole(
            ended,
            asked.map(({ at }) => at),
          );
        },
      }),
    killingMs,
  );
});
