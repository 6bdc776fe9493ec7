import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedBlobStore } from '@partitura/shared/blobs';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { createRedactor } from '@partitura/shared/events';
import { dataPaths, programVersion } from '@partitura/shared/hosting';
import { type ApiClient, apiClient, type CloudEvent } from '@partitura/shared/http';
import { createRepository } from '@partitura/shared/repositories';
import { loadConfiguration, silentLogger } from '@partitura/shared/runtime';
import { type Standalone, startStandalone } from '@partitura/standalone';
import type { History } from './history.ts';
import { recordHistory } from './recording.ts';

/** The whole program at work on one run, for a history to be made. */
export interface Stage {
  readonly client: ApiClient;
  /** Stops the program and starts it again, as after a crash when it gets no time. */
  restart(graceMs: number): Promise<ApiClient>;
  readonly repository: string;
}

export interface Scene {
  readonly about: string;
  readonly shows: readonly string[];
  readonly environment?: () => Promise<Readonly<Record<string, string>>>;
  /** Plays it to its end. Answers the run. */
  readonly play: (stage: Stage) => Promise<string>;
}

const local = {
  eventStoreUrl: 'sqlite:',
  readModelsUrl: 'sqlite:',
  knowledgeUrl: 'sqlite:',
  blobsUrl: 'file:',
};

export const shortPrd = `# Notes

A page on which a team keeps notes.

## Requirements
- FR-1: A user can create a note with a title and a text, and list all notes.
`;

export const examplePrd = (name: string): Promise<string> =>
  readFile(new URL(`../../../examples/prds/${name}.md`, import.meta.url), 'utf8');

/** A run of a project of its own. */
export const begin = async (
  { client, repository }: Pick<Stage, 'client' | 'repository'>,
  text: string,
  body: Parameters<typeof client.call<'startRun'>>[1]['body'] = {},
): Promise<{ readonly project: string; readonly run: string }> => {
  const project = await client.call('createProject', {
    body: { prd: { text }, repository: { url: repository } },
  });
  const { id } = await client.call('startRun', { params: { id: project.id }, body });
  return { project: project.id, run: id };
};

/** The n-th event of one of the types, among all of the run's. */
export const until = async (
  client: ApiClient,
  runId: string,
  types: readonly string[],
  count = 1,
): Promise<CloudEvent> => {
  let seen = 0;
  for await (const event of client.events({ runId, after: '' })) {
    if (types.includes(event.type)) seen += 1;
    if (seen === count) return event;
  }
  throw new Error(`The events ended before ${types.join(' or ')}.`);
};

const open = async (data: string, environment: Readonly<Record<string, string>>): Promise<Standalone> => {
  const configuration = await loadConfiguration({
    environment: { ...environment, PARTITURA_DATA: data },
    userFile: null,
    projectFile: null,
    flags: {},
  });
  return startStandalone({ configuration, logger: silentLogger, version: '0', mode: 'work', port: 0 });
};

const take = async (data: string, run: string, { about, shows }: Scene): Promise<History> => {
  const paths = dataPaths(data, local);
  const store = openSqliteEventStore({ path: paths.events, redactor: createRedactor({ secrets: [] }) });
  const blobs = await openEmbeddedBlobStore({ directory: paths.blobs });
  try {
    return await recordHistory(
      { store, blobs },
      { about, run, version: await programVersion(), shows: [...shows] },
    );
  } finally {
    await blobs.close();
    await store.close();
  }
};

/** Plays a scene in a place of its own and takes down what was recorded. */
export const stage = async (scene: Scene): Promise<History> => {
  const root = await mkdtemp(join(tmpdir(), 'partitura-history-'));
  const [data, repository] = [join(root, 'data'), join(root, 'repository')];
  const identity = { name: 'A person', email: 'person@example.com' };
  await createRepository(repository, { files: { 'README.md': '# Begun\n' }, message: 'Begin', identity });
  const environment = (await scene.environment?.()) ?? {};
  let running = await open(data, environment);
  try {
    const run = await scene.play({
      client: apiClient({ baseUrl: running.url }),
      repository,
      restart: async (graceMs) => {
        await running.stop(graceMs);
        running = await open(data, environment);
        return apiClient({ baseUrl: running.url });
      },
    });
    await running.stop(5_000);
    return await take(data, run, scene);
  } finally {
    await running.stop(0).catch(() => undefined);
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
};
