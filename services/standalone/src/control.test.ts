import { afterEach, describe, expect, it } from '@jest/globals';
import { type ApiClient, apiClient, type CloudEvent } from '@partitura/shared/http';
import { loadConfiguration, silentLogger } from '@partitura/shared/runtime';
import { type Standalone, startStandalone } from './service.ts';
import { branchesOf, checkoutOf, completedTasks, mergesOf, readLog } from './testing/evidence.ts';
import { makePlaces, type Places, shortPrd } from './testing/places.ts';

const opened: { places: Places; running: Standalone | null }[] = [];
afterEach(async () => {
  for (const world of opened.splice(0)) {
    await world.running?.stop(1_000);
    await world.places.remove();
  }
});

const begin = async () => {
  const places = await makePlaces();
  const world: (typeof opened)[number] = { places, running: null };
  opened.push(world);
  const start = async (port = 0): Promise<ApiClient> => {
    const configuration = await loadConfiguration({
      environment: { PARTITURA_DATA: places.data },
      userFile: null,
      projectFile: null,
      flags: {},
    });
    const options = { configuration, logger: silentLogger, version: '0', mode: 'work', port } as const;
    world.running = await startStandalone(options);
    return apiClient({ baseUrl: world.running.url });
  };
  const stop = async (): Promise<void> => {
    await world.running?.stop(5_000);
    world.running = null;
  };
  return { places, start, stop };
};

const requestRun = async (client: ApiClient, { repository }: Places) => {
  const project = await client.call('createProject', {
    body: {
      prd: { text: shortPrd },
      repository: { url: repository },
    },
  });
  return client.call('startRun', { params: { id: project.id }, body: {} });
};

/** The first event of one of the types, among all of the run's. */
const until = async (client: ApiClient, runId: string, ...types: string[]): Promise<CloudEvent> => {
  for await (const event of client.events({ runId, after: '' })) if (types.includes(event.type)) return event;
  throw new Error(`The events ended before ${types.join(' or ')}.`);
};

const get = (client: ApiClient, id: string, after: string) =>
  client.call('getRun', { params: { id }, query: { after } });

describe('an operator', () => {
  it('pauses a run, which stays paused over a restart, and resumes it to its end', async () => {
    const { places, start, stop } = await begin();
    const client = await start();
    const { id } = await requestRun(client, places);
    await until(client, id, 'tool.called');
    const paused = await client.call('pauseRun', { params: { id }, body: { reason: 'Lunch.' } });
    expect(await get(client, id, paused.position)).toMatchObject({
      status: 'paused',
      statusDetail: expect.stringContaining('Lunch.'),
    });
    await until(client, id, 'agent.released');
    await stop();
    const again = await start();
    expect(await get(again, id, paused.position)).toMatchObject({ status: 'paused' });
    const resumed = await again.call('resumeRun', { params: { id } });
    expect((await get(again, id, resumed.position)).status).toBe('running');
    const end = await until(again, id, 'run.completed', 'run.failed');
    expect(end.type).toBe('run.completed');
    const run = await get(again, id, end.position);
    expect(run.tasks.completed).toBe(run.tasks.total);
    await stop();
    const completed = completedTasks(await readLog(places.data));
    expect(new Set(completed).size).toBe(completed.length);
  });

  it('cancels a run: nothing more is begun, and what was merged and pushed stays', async () => {
    const { places, start } = await begin();
    const before = await checkoutOf(places.repository);
    const client = await start();
    const { id } = await requestRun(client, places);
    const merged = await until(client, id, 'merge.completed');
    const cancelled = await client.call('cancelRun', { params: { id }, body: { reason: 'Enough.' } });
    expect((await get(client, id, cancelled.position)).status).toBe('cancelled');
    const { items } = await client.call('getRunHistory', {
      params: { id },
      query: { after: cancelled.position, type: 'task.scheduled' },
    });
    expect(items.every(({ position }) => position < cancelled.position)).toBe(true);
    expect(merged.position < cancelled.position).toBe(true);
    expect(await branchesOf(places.repository)).toContain(`partitura/${id}`);
    expect((await mergesOf(places.repository, `partitura/${id}`)).length).toBeGreaterThan(0);
    expect(await checkoutOf(places.repository)).toEqual(before);
    await expect(client.call('resumeRun', { params: { id } })).rejects.toMatchObject({ code: 'RUN_ENDED' });
  });

  it('sees every event once and in order, over a restart of the server in the middle', async () => {
    const { places, start, stop } = await begin();
    const client = await start();
    const port = Number(new URL(client.baseUrl).port);
    const { id } = await requestRun(client, places);
    const seen: string[] = [];
    let restarted: Promise<unknown> | null = null;
    for await (const { type, position } of client.events({ runId: id, after: '' })) {
      seen.push(position);
      if (type === 'task.completed') restarted ??= stop().then(() => start(port));
      if (type === 'run.completed') break;
    }
    await restarted;
    await stop();
    const recorded = (await readLog(places.data)).filter(({ metadata }) => metadata.runId === id);
    expect(seen).toEqual(recorded.slice(0, seen.length).map(({ position }) => position));
    expect(seen.length).toBeGreaterThan(100);
  });
});
