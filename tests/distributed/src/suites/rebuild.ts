import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { beginning } from '@partitura/shared/events';
import { type Build, openMongoReadModels, type ReadModels } from '@partitura/shared/read-models';
import { silentLogger, systemClock } from '@partitura/shared/runtime';
import { projections } from '../../../../services/projections/src/projections.ts';
import { documentsIn, foldOfTheLog } from '../../../../services/projections/src/testing/documents.ts';
import { servedOf } from '../testing/fold-of-the-log.ts';
import type { ServiceProcess } from '../testing/service-process.ts';
import { untilThere } from '../testing/until-there.ts';
import type { FinishedWorld, Given } from './finished-world.ts';

const names = projections.map(({ name }) => name);

const activeBuilds = async (readModels: ReadModels): Promise<ReadonlyMap<string, Build>> => {
  const builds = new Map<string, Build>();
  for (const { name, version } of projections)
    builds.set(name, (await readModels.activeBuild(name)) ?? { version, generation: -1 });
  return builds;
};

/** Of the collections that readers ask, past every service. */
const documentsOf = async (readModels: ReadModels) => {
  const builds = await activeBuilds(readModels);
  return documentsIn(readModels, (name) => ({
    ...{ name, indexes: [], version: 0, generation: 0 },
    ...builds.get(name),
  }));
};

/** Resolves to whoever began to build it, when some of it is there and some is not. */
const inTheMiddle = async (
  { swarm, world }: FinishedWorld,
  readModels: ReadModels,
  name: string,
): Promise<ServiceProcess> => {
  const { version, generation } = (await activeBuilds(readModels)).get(name) ?? { version: 0, generation: 0 };
  const build = `${name}@${version}.${generation + 1}`;
  while ((await readModels.checkpoint(build)) === beginning) await sleep(5);
  expect(((await readModels.checkpoint(build)) ?? '') < (await world.store.head())).toBe(true);
  for (const one of swarm.of('projections'))
    if ((await readFile(one.logFile, 'utf8')).includes('built again beside the live one')) return one;
  throw new Error('Nobody builds anything.');
};

/** What is there and what has to be, at one moment: a seal may come at any time. */
const expectAFoldOfTheLog = async (
  { world, client }: FinishedWorld,
  readModels: ReadModels,
): Promise<void> => {
  for (;;) {
    const after = await world.store.head();
    await untilThere(() => client.call('listProjections', { query: { after } }));
    const [found, expected] = [await documentsOf(readModels), await foldOfTheLog(world.store)];
    if ((await world.store.head()) !== after) continue;
    expect(found).toEqual(expected);
    return;
  }
};

/** Reads until it is told that it is over. Resolves to how often. */
const readAgainAndAgain = async (
  { client, finished }: FinishedWorld,
  isOver: () => boolean,
): Promise<number> => {
  const expected = await servedOf(client, finished.runId, '');
  for (let reads = 0; ; reads += 1) {
    if (isOver()) return reads;
    expect(await servedOf(client, finished.runId, '')).toEqual(expected);
    // A server that takes one request at a time has something else to do meanwhile.
    await sleep(50);
  }
};

/** Everything is built again; whoever does it is killed half-way, and comes back. */
const rebuildWithAKill = async (all: FinishedWorld, readModels: ReadModels): Promise<void> => {
  const rebuilt = all.command(['projections', 'rebuild']);
  const builder = await inTheMiddle(all, readModels, 'history');
  await builder.kill();
  await builder.start();
  await rebuilt;
};

export const describeRebuild = (given: Given): void =>
  describe('every read model, built again on MongoDB’s protocol', () => {
    it('is as it was, byte for byte, without a gap for readers, though whoever builds it is killed (-9) half-way', async () => {
      const all = given();
      const quiet = { clock: systemClock, logger: silentLogger };
      const readModels = await openMongoReadModels({ url: all.world.stack.urls.mongodb, ...quiet });
      try {
        await expectAFoldOfTheLog(all, readModels);
        const before = await activeBuilds(readModels);
        let isOver = false;
        const rebuilding = rebuildWithAKill(all, readModels).finally(() => {
          isOver = true;
        });
        const [reads] = await Promise.all([readAgainAndAgain(all, () => isOver), rebuilding]);
        expect(reads).toBeGreaterThan(0);
        const after = await activeBuilds(readModels);
        for (const name of names)
          expect(after.get(name)?.generation).toBe((before.get(name)?.generation ?? 0) + 1);
        await expectAFoldOfTheLog(all, readModels);
      } finally {
        await readModels.close();
      }
    });
  });
