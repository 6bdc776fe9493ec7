import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { verifyBundle } from '@partitura/shared/bundles';
import { asOrganizationId, beginning, type RecordedEvent } from '@partitura/shared/events';
import { type ByteAnswer, createProjectBody, startRunBody } from '@partitura/shared/http';
import { createRepository, git } from '@partitura/shared/repositories';
import { z } from 'zod';
import { type Composed, startComposed } from './testing/composed.ts';
import { makePlaces, type Places, shortPrd } from './testing/places.ts';

const acme = asOrganizationId('acme');
const other = asOrganizationId('other');
const accepted = z.object({ id: z.string(), position: z.string() });
const nothing = { params: {}, query: {}, body: null };

const begun = {
  files: { 'README.md': '# Notes\n' },
  message: 'Begin',
  identity: { name: 'A person', email: 'person@example.com' },
};

const opened: { places: Places; composed: Composed }[] = [];
afterEach(async () => {
  for (const { places, composed } of opened.splice(0)) {
    await composed.stop(1_000);
    await places.remove();
  }
});

const start = async () => {
  const places = await makePlaces();
  const folders = join(places.data, '..', 'repositories');
  const composed = await startComposed(places.data, { PARTITURA_REPOSITORY_FOLDERS: folders });
  opened.push({ places, composed });
  const { url: repository } = await createRepository(join(folders, acme, 'notes'), begun);
  return { places, composed, repository, ...composed };
};

const without = ({ position: _, ...event }: RecordedEvent) => event;
const isOwn = ({ stream }: RecordedEvent): boolean =>
  /^(project|run|plan|agent|merge|knowledge)-/.test(stream);
const logOf = async ({ ports: { store } }: Pick<Composed, 'ports'>): Promise<readonly RecordedEvent[]> =>
  (await Array.fromAsync(store.readAll({ asRecorded: true }))).flatMap(({ events }) => events);
const historyOf = async (composed: Pick<Composed, 'ports'>) =>
  (await logOf(composed)).filter(isOwn).map(without);

/** Until the project has nothing to say of the run any more. */
const settled = async ({ ports: { store } }: Composed): Promise<void> => {
  const done = new AbortController();
  for await (const { events } of store.subscribe({ after: beginning, signal: done.signal }))
    if (events.some(({ type }) => type === 'project.completed')) done.abort();
};

const positionOf = async (composed: Pick<Composed, 'ports'>, id: string): Promise<string> =>
  (await logOf(composed)).find((event) => event.id === id)?.position ?? 'nowhere';

const stood = z.object({ tasks: z.array(z.object({ id: z.string(), status: z.string() })) });
const chain = z.object({ run: z.object({ id: z.string() }), missing: z.array(z.unknown()) });
const difference = z.object({ filesChanged: z.int() });

/** All that a bundle says of what is in it; who signed it is another matter. */
const contentOf = async (bytes: Uint8Array) => {
  const { findings, manifest } = await verifyBundle(bodyOf(bytes).bytes);
  expect(findings).toEqual([]);
  if (manifest === null) throw new Error('There is no manifest.');
  const { publicKey: _, fingerprint, signature: __, ...content } = manifest;
  return { content, fingerprint };
};

const bodyOf = (bytes: Uint8Array) => ({
  contentType: 'application/x-tar',
  length: bytes.length,
  bytes: (async function* () {
    yield bytes;
  })(),
});

it('a run is taken along into another installation, where it is history', async () => {
  const here = await start();
  const { call, until } = here;
  const body = createProjectBody.parse({
    prd: { text: shortPrd },
    repository: { url: here.repository },
  });
  const project = accepted.parse(await call('createProject', { ...nothing, body }, acme));
  const run = { ...nothing, params: { id: project.id }, body: startRunBody.parse({ rehearse: true }) };
  const { id } = accepted.parse(await call('startRun', run));
  const params = { id };
  await expect(call('exportRunBundle', { ...nothing, params })).rejects.toMatchObject({
    code: 'RUN_NOT_ENDED',
  });
  expect((await until(id, ['run.completed', 'run.failed'])).type).toBe('run.completed');
  await settled(here.composed);
  await expect(call('exportRunBundle', { ...nothing, params }, other)).rejects.toMatchObject({
    code: 'RUN_NOT_FOUND',
  });
  const { bytes } = (await call('exportRunBundle', { ...nothing, params }, acme)) as ByteAnswer;
  const bundle = Buffer.concat(await Array.fromAsync(bytes));

  const there = await start();
  const verified = await there.call('verifyBundle', { ...nothing, body: bodyOf(bundle) });
  expect(verified).toMatchObject({
    intact: true,
    bundle: { runId: id, trusted: false, repositoryMissing: null },
  });
  const bring = (query: { trust?: string }, organization?: typeof acme) =>
    there.call('importBundle', { ...nothing, query, body: bodyOf(bundle) }, organization);
  await expect(bring({})).rejects.toMatchObject({ code: 'BUNDLE_NOT_TRUSTED' });
  const trust = here.ports.signing.key.fingerprint;
  await expect(bring({ trust }, acme)).rejects.toMatchObject({ code: 'INSTALLATION_ONLY' });
  const everything = {
    url: 'https://93.184.216.34/hook',
    description: '',
    types: [],
    projectIds: [],
    runIds: [],
  };
  const webhook = accepted.parse(await there.call('createWebhook', { ...nothing, body: everything }, acme));

  const imported = z
    .object({ changed: z.boolean(), repository: z.string(), position: z.string() })
    .parse(await bring({ trust }));
  expect(imported.changed).toBe(true);
  expect(await bring({ trust })).toMatchObject({ changed: false });
  const query = { after: imported.position };
  expect(await there.call('getRun', { ...nothing, params, query }, acme)).toMatchObject({
    status: 'completed',
  });
  const verdicts = [here, there].map((one) => one.call('verifyAudit', nothing));
  for (const verdict of await Promise.all(verdicts))
    expect(verdict).toMatchObject({ intact: true, findings: [] });

  // Nobody does anything about it, and nobody is told.
  const lags = await Promise.all([there.ports.queue.counts('plan'), there.ports.queue.counts('attempts')]);
  expect(lags.map(({ waiting }) => waiting)).toEqual([0, 0]);
  const deliveries = {
    params: { id: webhook.id },
    query: { limit: 50, after: imported.position },
    body: null,
  };
  expect(await there.call('listWebhookDeliveries', deliveries, acme)).toMatchObject({ items: [] });
  expect(await historyOf(there)).toEqual(await historyOf(here));
  const branches = ['for-each-ref', '--format=%(refname:short)', 'refs/heads/'];
  const { stdout } = await git(branches, { gitDirectory: `${there.places.data}/${imported.repository}` });
  const branch = `partitura/${id}`;
  expect(stdout.split('\n')).toContain(branch);

  // As on another replica, on a machine from which the project's repository cannot be reached.
  const away = `${here.repository}-away`;
  await rename(here.repository, away);
  for (const name of ['imported', 'repositories'])
    await rm(join(there.places.data, name), { recursive: true, force: true, maxRetries: 20 });

  const past = await here.composed.events(id);
  const middle = past.filter(({ type }) => type === 'task.completed').at(1) ?? past[0];
  if (!middle) throw new Error('Nothing happened.');
  const at = await positionOf(there, middle.id);
  const was = await call('getRunState', { params, query: { at: middle.position }, body: null }, acme);
  const is = await there.call('getRunState', { params, query: { at }, body: null }, acme);
  expect(stood.parse(is)).toEqual(stood.parse(was));

  const files = await git(['ls-tree', '-r', '--name-only', branch], { gitDirectory: join(away, '.git') });
  const path = files.stdout.split('\n').find((name) => name.endsWith('.js')) ?? '';
  const line = { runId: id, path, line: 1 };
  const why = chain.parse(await there.call('explainLine', { ...nothing, query: line }, acme));
  expect(why).toEqual({ run: { id }, missing: [] });
  const itself = { ...nothing, params: { id, other: id } };
  const same = { relation: 'same_run', parting: null };
  expect(await there.call('compareRuns', itself, acme)).toMatchObject(same);
  expect(difference.parse(await there.call('getCodeDifference', itself, acme)).filesChanged).toBe(0);

  const again = (await there.call('exportRunBundle', { ...nothing, params }, acme)) as ByteAnswer;
  const exported = await contentOf(Buffer.concat(await Array.fromAsync(again.bytes)));
  expect(exported.content).toEqual((await contentOf(bundle)).content);
  expect(exported.fingerprint).toBe(there.ports.signing.key.fingerprint);

  // Where a fork is to work there has to be a repository; that it never had anything of the run is no matter.
  const wish = { ...nothing, params, body: { at, prompts: {}, dropTasks: [] } };
  await expect(there.call('forkRun', wish, acme)).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
  await createRepository(here.repository, begun);
  const fork = accepted.parse(await there.call('forkRun', wish, acme)).id;
  const ending = await there.until(fork, ['run.completed', 'run.failed', 'run.stopped']);
  expect(ending.type).toBe('run.completed');
  const both = { ...nothing, params: { id, other: fork } };
  const told = { ...both, query: { after: ending.position } };
  expect(await there.call('compareRuns', told, acme)).toMatchObject({ relation: 'forks' });
  expect(difference.parse(await there.call('getCodeDifference', both, acme)).filesChanged).toBe(0);
});
