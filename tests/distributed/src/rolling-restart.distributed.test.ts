import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ofType } from '../../../services/standalone/src/testing/evidence.ts';
import { commanding } from './testing/commanding.ts';
import { rollInTurn } from './testing/rolling.ts';
import { startTroubledSwarm, type TroubledSwarm } from './testing/troubled-swarm.ts';

let all: TroubledSwarm;

beforeAll(async () => {
  all = await startTroubledSwarm();
}, 300_000);
afterAll(() => all?.close(), 60_000);

const commented = z.object({ text: z.string() });

/** Quiet machines need two minutes; this is for those that are busy with much else. */
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
      await all.amid({
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
          await all.expectWhole(ended.flat(), []);
        },
      });
    },
    rollingMs,
  );
});
