import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ApiClient, CloudEvent } from '@partitura/shared/http';
import { newPlace, type Place } from '../../../packages/cli/src/testing/cli.ts';
import { type AtWork, startAtWork } from '../../../services/standalone/src/testing/at-work.ts';
import type { Places } from '../../../services/standalone/src/testing/places.ts';
import { type Answer, type Ask, asking } from './testing/asking.ts';

let places: Places;
let shell: Place;
let running: AtWork;
let client: ApiClient;
let ask: Ask;
/** A run that was paused when its first task was merged. */
let run: string;
let begun: string;
let merged: string;
/** Runs that were forked from it and from each other before anything was planned, and cancelled when there was a plan. */
let forks: readonly string[];

const until = async (runId: string, types: readonly string[]): Promise<CloudEvent> => {
  for await (const event of client.events({ runId, after: '' })) if (types.includes(event.type)) return event;
  throw new Error(`The events ended before ${types.join(' or ')}.`);
};

const answersBefore = async (runId: string, type: string): Promise<number> => {
  let answers = 0;
  for await (const event of client.events({ runId, after: '' })) {
    if (event.type === 'model.answered') answers += 1;
    if (event.type === type) return answers;
  }
  throw new Error(`The events ended before ${type}.`);
};

const forkAt = async (runId: string, at: string): Promise<string> =>
  (await client.call('forkRun', { params: { id: runId }, body: { at } })).id;

beforeAll(async () => {
  shell = await newPlace();
  running = await startAtWork();
  ({ client, places } = running);
  ask = asking(running.url);
  run = (await running.begin({ maxAgents: 1 })).runId;
  begun = (await until(run, ['run.started'])).position;
  merged = (await until(run, ['task.completed'])).position;
  await client.call('pauseRun', { params: { id: run }, body: { reason: 'Lunch.' } });
  await until(run, ['run.paused']);
  const first = await forkAt(run, begun);
  const second = await forkAt(first, (await until(first, ['run.started'])).position);
  forks = [first, second];
  for (const id of forks) {
    await until(id, ['plan.proposed']);
    await client.call('cancelRun', { params: { id }, body: {} });
    await until(id, ['run.cancelled']);
  }
}, 240_000);
afterAll(async () => {
  await running.stop();
  await shell.remove();
});

const told = ({ status, json }: Answer) => {
  const { code, detail, advice } = Object(json);
  return { status, code, says: typeof detail === 'string' && detail.length > 20, advises: typeof advice };
};
const api = async (method: string, path: string, body?: object) =>
  ask(method, `/api/v1${path}`, body === undefined ? {} : { body });
const refusal = async (method: string, path: string, body?: object) => told(await api(method, path, body));
const refused = (status: number, code: string) => ({ status, code, says: true, advises: 'string' });

const command = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await shell.run([...args, '--url', running.url, '--no-input', '--json']);
  const { error } = JSON.parse(stdout);
  return { exit: code, code: error?.code ?? null, advised: error ? stderr.includes(error.advice) : true };
};
const done = { exit: 0, code: null, advised: true };
const notFound = { exit: 2, code: 'REPOSITORY_NOT_FOUND', advised: true };

const bundled = async (): Promise<unknown> => {
  const response = await fetch(`${running.url}/api/v1/runs/${run}/bundle`);
  const raw = new Uint8Array(await response.arrayBuffer());
  const headers = { 'content-type': 'application/x-tar' };
  const { json } = await ask('POST', '/api/v1/bundles/verify', { raw, headers });
  return json;
};

it('plans anew what was forked before it was planned, and what was forked from that', async () => {
  for (const id of forks) {
    expect(await answersBefore(id, 'plan.proposed')).toBe(await answersBefore(run, 'plan.proposed'));
    const { inheritedUsage, tasks, forkedFrom } = await client.call('getRun', { params: { id } });
    expect(inheritedUsage?.calls ?? 0).toBe(0);
    expect(forkedFrom?.runId).toBe(id === forks[0] ? run : forks[0]);
    expect(tasks.completed).toBe(0);
  }
});

it('says of a position, a time or a run that is not there what it is, and what to give instead', async () => {
  const state = (at: string) => refusal('GET', `/runs/${run}/state?at=${encodeURIComponent(at)}`);
  const fork = (at: string) => refusal('POST', `/runs/${run}/fork`, { at });
  const before = String(Number(begun) - 3).padStart(begun.length, '0');
  const never = '9'.repeat(begun.length);
  for (const [at, ofState, ofFork] of [
    ['here', 'BAD_MOMENT', 'INVALID_POSITION'],
    ['half past: nine', 'BAD_MOMENT', 'BAD_MOMENT'],
    [never, 'UNKNOWN_POSITION', 'INVALID_POSITION'],
    [before, 'MOMENT_BEFORE_RUN', 'BAD_FORK_POINT'],
    ['2001-01-01T00:00:00Z', 'MOMENT_BEFORE_RUN', 'BAD_FORK_POINT'],
  ] as const) {
    expect([at, await state(at)]).toMatchObject([at, { code: ofState, says: true }]);
    expect([at, await fork(at)]).toMatchObject([at, { code: ofFork, says: true }]);
  }
  for (const [method, path, body] of [
    ['POST', '/runs/r_none/fork', { at: begun }],
    ['POST', '/runs/r_none/resume', {}],
    ['GET', '/runs/r_none/bundle'],
    ['GET', '/why?runId=r_none&path=README.md&line=1'],
    ['GET', `/runs/${run}/compare/r_none`],
    ['GET', `/runs/r_none/code-difference/${run}`],
    ['GET', '/runs/r_none/state'],
    ['GET', '/runs/r_none/diff'],
    ['GET', '/runs/r_none/history'],
    ['GET', '/runs/r_none/replay'],
  ] as const)
    expect([path, await refusal(method, path, body)]).toMatchObject([
      path,
      { status: 404, code: 'RUN_NOT_FOUND', says: true },
    ]);
});

it('answers for a run whose repository is gone from what is here, and says what is needed for the rest', async () => {
  await rm(places.repository, { recursive: true, maxRetries: 20 });
  const gone = refused(422, 'REPOSITORY_NOT_FOUND');
  expect(await refusal('POST', `/runs/${run}/fork`, { at: merged })).toEqual(gone);
  expect(await refusal('POST', `/runs/${run}/resume`, {})).toEqual(gone);
  expect(await command('resume', run)).toEqual(notFound);
  expect((await api('POST', `/runs/${run}/fork`, { at: merged })).text).toContain(
    `Bring it back to ${places.repository}`,
  );
  expect(await client.call('getRun', { params: { id: run } })).toMatchObject({ status: 'paused' });
  expect(await refusal('GET', `/runs/${run}/bundle`)).toEqual(refused(409, 'RUN_NOT_ENDED'));
  // The runner's own clone still has what the run did.
  const why = await client.call('explainLine', { query: { runId: run, path: 'README.md', line: 1 } });
  expect(why.notes.map(({ code }) => code)).toEqual(['REPOSITORY_UNREACHABLE']);
  await client.call('cancelRun', { params: { id: run }, body: {} });
  await until(run, ['run.cancelled']);
  expect(await bundled()).toMatchObject({
    intact: true,
    bundle: { branches: { [`partitura/${run}`]: expect.any(String) }, repositoryMissing: null },
  });
}, 120_000);

it('says it too where there is no copy of the repository any more, to programs and on the command line', async () => {
  await rm(join(places.data, 'repositories'), { recursive: true, maxRetries: 20 });
  const gone = refused(422, 'REPOSITORY_NOT_FOUND');
  expect(await refusal('GET', `/why?runId=${run}&path=README.md&line=1`)).toEqual(gone);
  expect(await refusal('GET', `/runs/${run}/code-difference/${run}`)).toEqual(gone);
  expect(await refusal('POST', `/runs/${run}/fork`, { at: merged })).toEqual(gone);
  expect(await bundled()).toMatchObject({
    intact: true,
    bundle: { branches: null, repositoryMissing: expect.any(String) },
  });
  expect((await api('GET', `/runs/${run}/state?at=${merged}`)).status).toBe(200);
  expect((await api('GET', `/runs/${run}/compare/${forks[0]}`)).status).toBe(200);
  const output = join(shell.directory, 'run.tar');
  expect(
    await Promise.all([
      command('fork', run, '--at', merged),
      command('why', 'README.md:1', '--run', run),
      command('bundle', 'export', run, '-o', output),
      command('compare', run, forks[0] ?? ''),
      command('state', run, '--at', merged),
    ]),
  ).toEqual([notFound, notFound, done, done, done]);
}, 120_000);
