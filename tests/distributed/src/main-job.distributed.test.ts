import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RecordedEvent, verifyChain } from '@partitura/shared/events';
import { git } from '@partitura/shared/repositories';
import { describeExports } from './suites/exports.ts';
import { type FinishedWorld, finishedWorld } from './suites/finished-world.ts';
import { describeInvalidation } from './suites/invalidation.ts';
import { describeMoments } from './suites/moments.ts';
import { describeRebuild } from './suites/rebuild.ts';
import { describeTampering } from './suites/tampering.ts';
import { complaintsOf } from './testing/complaints.ts';
import { type RequestedRun, requestRun, untilEnd } from './testing/conducted-run.ts';
import { servedOf } from './testing/fold-of-the-log.ts';
import { type ConductedRun, conductInOneProcess } from './testing/in-one-process.ts';
import { storyOf } from './testing/story.ts';
import type { Swarm } from './testing/swarm.ts';
import { untilThere } from './testing/until-there.ts';
import { eventsOf } from './testing/whole-run.ts';
import { startWorld, type World } from './testing/world.ts';

let world: World;
let swarm: Swarm;

/** In one process, before there is anything on the engines. */
let embedded: ConductedRun;
/** The one that the first of these tests has done. */
let finished: RequestedRun;
let all: FinishedWorld;

beforeAll(async () => {
  world = await startWorld();
  const here = await world.git.create('embedded');
  [swarm, embedded] = await Promise.all([
    world.startSwarm({
      replicas: { projections: 2 },
      environment: { PARTITURA_SUBJECT_KEYS_URL: world.stack.urls.postgres },
    }),
    // One agent after the other, so that there is one order of events.
    conductInOneProcess({ prd, repositoryUrl: here.url, maxAgents: 1 }),
  ]);
}, 300_000);
afterAll(async () => {
  console.log(complaintsOf(swarm?.processes ?? []).join('\n'));
  await all?.close();
  await world?.close();
}, 60_000);

const prd = await readFile(new URL('../../../examples/prds/link-shortener.md', import.meta.url), 'utf8');

/** The files of a branch, whatever the commits are called. */
const treeOf = async (path: string, branch: string | null): Promise<string> =>
  (
    await git(['rev-parse', `${branch}^{tree}`], { cwd: path, signal: AbortSignal.timeout(10_000) })
  ).stdout.trim();

const engines =
  'eight processes on Kafka, Redis, FerretDB (MongoDB’s protocol), PGlite (PostgreSQL), Versity (S3) and a server of EventStoreDB’s protocol';

describe(engines, () => {
  it('take in what one process did, and decide it as it was decided there', async () => {
    const client = swarm.client();
    const body = () => ({
      contentType: 'application/x-tar',
      length: null,
      bytes: Readable.from([embedded.bundle]),
    });
    const { bundle } = await client.call('verifyBundle', { body: body() });
    const trust = bundle?.fingerprint ?? '';
    const params = { id: embedded.requested.runId };
    const imported = await client.call('importBundle', { query: { trust }, body: body() });
    expect(imported).toMatchObject({ runId: params.id, changed: true });
    expect(await client.call('importBundle', { query: { trust }, body: body() })).toMatchObject({
      changed: false,
    });
    const run = await untilThere(() =>
      client.call('getRun', { params, query: { after: imported.position } }),
    );
    expect(run).toMatchObject({ status: 'completed', tasks: embedded.run.tasks });
    expect(await client.call('replayRun', { params, query: {} })).toMatchObject({ agrees: true });
    const hashesOf = (log: readonly RecordedEvent[]) =>
      eventsOf(log, params.id)
        .filter(({ stream }) => !stream.startsWith('bundle-'))
        .map(({ id, hash }) => `${id} ${hash}`);
    expect(hashesOf(await world.log())).toEqual(hashesOf(embedded.events));
    expect(await client.call('verifyAudit', { query: {} })).toMatchObject({ intact: true, findings: [] });
  });

  it('end the main job as one process does: the same files, the same events', async () => {
    const [here, there] = [world.git.path('embedded'), await world.git.create('distributed')];
    const client = swarm.client();
    const requested = await requestRun(client, { prd, repositoryUrl: there.url, maxAgents: 1 });
    const run = await untilEnd(client, requested);
    finished = requested;

    expect(run).toMatchObject({ status: 'completed', tasks: embedded.run.tasks });
    expect(await treeOf(there.path, run.branch)).toBe(await treeOf(here, embedded.run.branch));
    const log = await world.log();
    expect(verifyChain(log)).toMatchObject({ intact: true });
    expect(storyOf(log, requested)).toEqual(storyOf(embedded.events, embedded.requested));

    all = await finishedWorld(world, swarm, requested);
    const served = await servedOf(client, requested.runId, await world.store.head());
    expect(served).toEqual(await all.folded.run(requested.runId));
  });

  it('prove it, decide it once more, say why, and fork it: the fork makes the same files', async () => {
    const client = swarm.client();
    const params = { id: finished.runId };
    const after = await world.store.head();
    expect(await client.call('replayRun', { params, query: {} })).toMatchObject({
      agrees: true,
      divergence: null,
    });
    expect(await client.call('verifyAudit', { query: { after } })).toMatchObject({ findings: [] });

    const { items } = await client.call('getRunHistory', {
      params,
      query: { type: 'task.completed', limit: 3 },
    });
    const at = items.at(-1)?.position ?? '';
    const then = await client.call('getRunState', { params, query: { at } });
    const done = then.tasks.filter(({ status, kind }) => status === 'completed' && kind !== 'epic');
    expect(done).toHaveLength(3);

    const fork = await client.call('forkRun', { params, body: { at } });
    const forked = { ...finished, runId: fork.id, position: fork.position };
    const [parentRun, forkedRun] = [await client.call('getRun', { params }), await untilEnd(client, forked)];
    expect(forkedRun).toMatchObject({ status: 'completed', forkedFrom: { runId: finished.runId } });
    const compared = { params: { id: finished.runId, other: fork.id } };
    expect(await client.call('getCodeDifference', compared)).toMatchObject({ filesChanged: 0 });
    expect(parentRun.branch).not.toBe(forkedRun.branch);
    expect(await client.call('replayRun', { params: { id: fork.id }, query: {} })).toMatchObject({
      agrees: true,
    });
    const why = await client.call('explainLine', {
      query: { runId: fork.id, path: 'package.json', line: 1 },
    });
    expect(JSON.stringify(why)).toContain(finished.runId);
  });

  it('take it along as one signed file, count what it cost, and export it', async () => {
    const client = swarm.client();
    const after = await world.store.head();
    const bundle = await client.download('exportRunBundle', { params: { id: finished.runId } });
    const chunks = await Array.fromAsync(bundle.bytes);
    const verdict = await client.call('verifyBundle', {
      body: { contentType: 'application/x-tar', length: null, bytes: Readable.from(chunks) },
    });
    expect(verdict).toMatchObject({ intact: true, bundle: { runId: finished.runId, missingBlobs: 0 } });

    const costs = await client.call('getCosts', {
      query: { runId: finished.runId, groupBy: 'phase', after },
    });
    expect(costs.items.length).toBeGreaterThan(1);
    const ndjson = await client.download('exportNdjson', { params: { model: 'events' }, query: {} });
    const lines = Buffer.concat(await Array.fromAsync(ndjson.bytes))
      .toString()
      .trimEnd()
      .split('\n');
    const log = await world.log();
    expect(lines.length).toBeGreaterThan(
      log.filter(({ metadata }) => metadata.runId === finished.runId).length,
    );
  });

  describeInvalidation(() => all);
  describeMoments(() => all);
  describeExports(() => all);
  describeRebuild(() => all);

  it('forget somebody: what was written after she was named cannot be read any more, and the log still proves itself', async () => {
    const client = swarm.client();
    const canary = 'Ada Lovelace-Canary';
    const { id } = await client.call('declareSubject', { body: { identifiers: [canary] } });
    const { items } = await client.call('listRunTasks', { params: { id: finished.runId }, query: {} });
    const task = items.find(({ kind }) => kind !== 'epic');
    const params = { id: task?.id ?? '' };
    const { position } = await client.call('commentTask', {
      params,
      body: { text: `${canary} asked for it.` },
    });
    const shown = async () =>
      JSON.stringify(await client.call('listTaskComments', { params, query: { after: position } }));
    expect(await shown()).toContain(canary);
    expect(JSON.stringify(await world.log())).not.toContain(canary);

    await client.call('eraseSubject', { params: { id } });
    expect(await shown()).toContain('[erased]');
    expect(await client.call('verifyAudit', { query: {} })).toMatchObject({ findings: [] });
  });

  // Last: it stays altered.
  describeTampering(() => all);
});
