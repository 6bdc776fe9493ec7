import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verifyChain } from '@partitura/shared/events';
import { git } from '@partitura/shared/repositories';
import { requestRun, untilEnd } from './testing/conducted-run.ts';
import { foldedOf, servedOf } from './testing/fold-of-the-log.ts';
import { conductInOneProcess } from './testing/in-one-process.ts';
import { storyOf } from './testing/story.ts';
import type { Swarm } from './testing/swarm.ts';
import { startWorld, type World } from './testing/world.ts';

let world: World;
let swarm: Swarm;

beforeAll(async () => {
  world = await startWorld();
  swarm = await world.startSwarm({});
}, 300_000);
afterAll(() => world.close(), 60_000);

const prd = await readFile(new URL('../../../examples/prds/link-shortener.md', import.meta.url), 'utf8');

/** The files of a branch, whatever the commits are called. */
const treeOf = async (path: string, branch: string | null): Promise<string> =>
  (
    await git(['rev-parse', `${branch}^{tree}`], { cwd: path, signal: AbortSignal.timeout(10_000) })
  ).stdout.trim();

const engines =
  'eight processes on Kafka, Redis, FerretDB (MongoDB’s protocol), PGlite (PostgreSQL), Versity (S3) and a server of EventStoreDB’s protocol';

describe(engines, () => {
  it('end the main job as one process does: the same files, the same events', async () => {
    // One agent after the other, so that there is one order of events.
    const here = await world.git.create('embedded');
    const there = await world.git.create('distributed');
    const embedded = await conductInOneProcess({ prd, repositoryUrl: here.url, maxAgents: 1 });
    const client = swarm.client();
    const requested = await requestRun(client, { prd, repositoryUrl: there.url, maxAgents: 1 });
    const run = await untilEnd(client, requested);

    expect(run).toMatchObject({ status: 'completed', tasks: embedded.run.tasks });
    expect(await treeOf(there.path, run.branch)).toBe(await treeOf(here.path, embedded.run.branch));
    const log = await world.log();
    expect(verifyChain(log)).toMatchObject({ intact: true });
    expect(storyOf(log, requested)).toEqual(storyOf(embedded.events, embedded.requested));

    const served = await servedOf(client, requested.runId, await world.store.head());
    expect(served).toEqual(await foldedOf(world.store, world.blobs, requested.runId));
  }, 180_000);
});
