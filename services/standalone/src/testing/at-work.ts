import { type ApiClient, apiClient } from '@partitura/shared/http';
import { loadConfiguration, silentLogger } from '@partitura/shared/runtime';
import { startStandalone } from '../service.ts';
import { makePlaces, type Places, shortPrd } from './places.ts';

/** The whole program at work in places of its own, asked as others ask it. */
export interface AtWork {
  readonly url: string;
  readonly client: ApiClient;
  readonly places: Places;
  /** A project with the shortest PRD, and its run. */
  begin(run: { readonly maxAgents: number }): Promise<{ readonly projectId: string; readonly runId: string }>;
  /** Ends it, and removes where it was. */
  stop(): Promise<void>;
}

export const startAtWork = async (): Promise<AtWork> => {
  const places = await makePlaces();
  const configuration = await loadConfiguration({
    environment: { PARTITURA_DATA: places.data },
    userFile: null,
    projectFile: null,
    flags: {},
  });
  const options = { configuration, logger: silentLogger, version: '0', mode: 'work', port: 0 } as const;
  const running = await startStandalone(options).catch(async (error: unknown) => {
    await places.remove();
    throw error;
  });
  const client = apiClient({ baseUrl: running.url });
  return {
    url: running.url,
    client,
    places,
    begin: async (body) => {
      const project = await client.call('createProject', {
        body: { prd: { text: shortPrd }, repository: { url: places.repository } },
      });
      const run = await client.call('startRun', { params: { id: project.id }, body });
      return { projectId: project.id, runId: run.id };
    },
    stop: async () => {
      await running.stop(1_000);
      await places.remove();
    },
  };
};
