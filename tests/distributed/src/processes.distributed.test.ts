import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seededRandomness } from '@partitura/shared/runtime';
import { z } from 'zod';
import { ofType } from '../../../services/standalone/src/testing/evidence.ts';
import { commanding } from './testing/commanding.ts';
import { killInTurn } from './testing/killing.ts';
import { rollInTurn } from './testing/rolling.ts';
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

/** Quiet machines need a minute or two for each; these are for those that are busy with much else. */
const killingMs = 240_000 + kills * 30_000;
const rollingMs = 600_000;
/** To tell what happened before a test is called off. */
const aMomentMs = 10_000;

const askers: ReadonlySet<string> = new Set(['planner', 'agent-runner']);
/** When somebody who asks models was killed, in all tests. */
const killedAt: number[] = [];
const commented = z.object({ text: z.string() });

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
          killedAt.push(...killed.filter(({ victim }) => askers.has(victim.service)).map(({ at }) => at));
          await all.expectWhole(ended, killedAt);
        },
      }),
    killingMs,
  );

  it(
    'lose nothing and refuse nothing while all of them are restarted, one after the other, at work',
    () => {
      const begun = new Map<string, string>();
      const begin = (runId: string, position: string): void => void begun.set(runId, position);
      return all.amid({
        timeoutMs: rollingMs - aMomentMs,
        trouble: ({ happened, signal }) => rollInTurn({ swarm: all.swarm, diary: happened, signal }),
        work: (scene, lasts) =>
          Promise.all([
            commanding({ client: all.client, runs: begun, wanted: lasts, diary: scene.happened }),
            all.runs('rolled-a', scene, lasts, begin),
            all.runs('rolled-b', scene, lasts, begin),
          ]),
        verify: async (_, [given, ...ended], { happened }) => {
          happened.write(`answered: ${JSON.stringify({ ...given, comments: given.comments.length })}`);
          const log = await all.world.log();
          const said = ofType(log, 'task.commented').map(({ data }) => commented.parse(data).text);
          expect(said.sort()).toEqual([...given.comments].sort());
          expect(ofType(log, 'run.paused')).toHaveLength(given.pauses);
          expect(ofType(log, 'run.resumed')).toHaveLength(given.resumes);
          expect(Math.min(given.comments.length, given.pauses)).toBeGreaterThan(0);
          await all.expectWhole(ended.flat(), killedAt);
        },
      });
    },
    rollingMs,
  );
});
