import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { asOrganizationId, beginning, parseStreamName, type RecordedEvent } from '@partitura/shared/events';
import { createProjectBody, startRunBody } from '@partitura/shared/http';
import { createRepository } from '@partitura/shared/repositories';
import { z } from 'zod';
import { type Composed, startComposed } from './testing/composed.ts';
import { makePlaces, type Places, shortPrd } from './testing/places.ts';

const acme = asOrganizationId('acme');
const accepted = z.object({ id: z.string(), position: z.string() });

const opened: { places: Places; composed: Composed }[] = [];
afterEach(async () => {
  for (const { places, composed } of opened.splice(0)) {
    await composed.stop(1_000);
    await places.remove();
  }
});

const categoryOf = ({ stream }: RecordedEvent) => parseStreamName(stream).category;

/** Until everybody has said what there is to be said of a run that ended. */
const wholeLog = async ({ ports: { store } }: Composed, projectId: string): Promise<RecordedEvent[]> => {
  const settled = new AbortController();
  for await (const { events } of store.subscribe({ after: beginning, signal: settled.signal }))
    if (events.some(({ type }) => type === 'project.run_settled')) settled.abort();
  const all = (await Array.fromAsync(store.readAll())).flatMap(({ events }) => events);
  return all.filter(({ metadata, stream }) => metadata.projectId === projectId || stream.includes(projectId));
};

it('a run of an organisation says with every event whose it is, from the PRD to what was learned', async () => {
  const places = await makePlaces();
  const folders = join(places.data, '..', 'repositories');
  const composed = await startComposed(places.data, { PARTITURA_REPOSITORY_FOLDERS: folders });
  const repository = await createRepository(join(folders, acme, 'notes'), {
    files: { 'README.md': '# Notes\n' },
    message: 'Begin',
    identity: { name: 'A person', email: 'person@example.com' },
  });
  opened.push({ places, composed });
  const { call, until } = composed;
  const body = createProjectBody.parse({ prd: { text: shortPrd }, repository: { url: repository.url } });
  const project = accepted.parse(await call('createProject', { params: {}, query: {}, body }, acme));
  // Who sees the whole installation starts a run of the project's organisation all the same.
  const started = await call('startRun', {
    params: { id: project.id },
    query: {},
    body: startRunBody.parse({ rehearse: true }),
  });
  const { id: runId } = accepted.parse(started);
  const end = await until(runId, ['run.completed', 'run.failed']);
  expect(end.type).toBe('run.completed');

  const log = await wholeLog(composed, project.id);
  expect(new Set(log.map(categoryOf))).toEqual(
    new Set(['project', 'run', 'plan', 'agent', 'merge', 'knowledge']),
  );
  const unnamed = log.filter(({ metadata }) => metadata.organizationId !== acme);
  expect(unnamed.map(({ type, metadata }) => [type, metadata.organizationId])).toEqual([]);

  const query = { limit: 50, after: (await composed.ports.store.head()) as string };
  const runs = { params: {}, query, body: null };
  expect(await call('listRuns', runs, acme)).toMatchObject({ items: [{ id: runId, status: 'completed' }] });
  expect(await call('listRuns', runs, asOrganizationId('default'))).toMatchObject({ items: [] });
});
