import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import type { RecordedEvent } from '@partitura/shared/events';
import { dataPaths } from '@partitura/shared/hosting';
import { apiClient, type RunResource } from '@partitura/shared/http';
import { loadConfiguration, silentLogger } from '@partitura/shared/runtime';
import { startStandalone } from '@partitura/standalone';
import { type RequestedRun, type RunRequest, requestRun, untilEnd } from './conducted-run.ts';

export interface ConductedRun {
  readonly requested: RequestedRun;
  readonly run: RunResource;
  readonly events: readonly RecordedEvent[];
  /** The run as one file, signed with a key of its own. */
  readonly bundle: Buffer;
}

/** The same job in the embedded profile: all services in this process, everything in a directory. */
export const conductInOneProcess = async (request: RunRequest): Promise<ConductedRun> => {
  const data = await mkdtemp(join(tmpdir(), 'partitura-embedded-'));
  const configuration = await loadConfiguration({
    environment: { PARTITURA_DATA: data },
    userFile: null,
    projectFile: null,
    flags: {},
  });
  const options = { configuration, logger: silentLogger, version: '0', mode: 'work', port: 0 } as const;
  const standalone = await startStandalone(options);
  const client = apiClient({ baseUrl: standalone.url });
  const requested = await requestRun(client, request);
  const run = await untilEnd(client, requested);
  const { bytes } = await client.download('exportRunBundle', { params: { id: requested.runId } });
  const bundle = Buffer.concat(await Array.fromAsync(bytes));
  await standalone.stop(10_000);
  const store = openSqliteEventStore({ path: dataPaths(data, configuration.values).events });
  const pages = await Array.fromAsync(store.readAll({ asRecorded: true }));
  await store.close();
  await rm(data, { recursive: true, force: true, maxRetries: 20 });
  return { requested, run, events: pages.flatMap(({ events }) => events), bundle };
};
