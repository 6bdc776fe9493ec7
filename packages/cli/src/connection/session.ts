import { readDataDirectoryHolder } from '@partitura/shared/event-store';
import { type ApiClient, apiClient } from '@partitura/shared/http';
import { createLogger, type LoadedConfiguration, PartituraError } from '@partitura/shared/runtime';
import type { Standalone } from '@partitura/standalone';

/** Somebody who answers: a server that is there, or this process itself. */
export interface Session {
  readonly client: ApiClient;
  readonly url: string;
  /** True when this process does the work, and ending it ends that. */
  readonly own: boolean;
  /** Lets go of it; of an own one after its agents have come to a point where they can go on later. */
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly configuration: LoadedConfiguration;
  readonly version: string;
  /** What this process does when it has to serve itself: see `StandaloneOptions.mode`. */
  readonly mode: 'work' | 'look';
  /** Where nobody serves, a server is started that stays when this process ends. */
  readonly detached?: boolean;
}

const graceMs = 5_000;

/**
 * Finds who answers, in this order: the server that was named; the process that has the data directory; a server at the usual
 * address, unless a data directory was named; else this process, which leaves everything on disk for the next.
 * @throws {PartituraError} `SERVER_NOT_REACHED` for a named one that does not answer, `DATA_DIRECTORY_*`, `STORE_*`
 */
export const openSession = async (options: SessionOptions): Promise<Session> => {
  const server = await findServer(options.configuration);
  if (server !== null) return server;
  if (options.detached === true) {
    const { startServer } = await import('../server/start-server.ts');
    return remote(await startServer(options.configuration), options.configuration.values.apiKey);
  }
  return serveOneself(options);
};

/**
 * Another process that answers; null when there is none.
 * @throws {PartituraError} `SERVER_NOT_REACHED` for one that was named and does not answer
 */
export const findServer = async ({ values, origins }: LoadedConfiguration): Promise<Session | null> => {
  if (values.url !== null) {
    const session = remote(values.url, values.apiKey);
    if (await answers(session.url)) return session;
    throw new PartituraError('SERVER_NOT_REACHED', `${values.url} does not answer.`, {
      advice: 'Start it with: partitura up',
    });
  }
  const holder = await servedBy(values.data);
  if (holder !== null) return remote(holder, values.apiKey);
  const usual = `http://${values.host}:${values.port}`;
  const isUsual = origins.data === 'default' && values.port !== 0;
  return isUsual && (await answers(usual)) ? remote(usual, values.apiKey) : null;
};

const remote = (url: string, apiKey: string | null): Session => ({
  url,
  own: false,
  client: apiClient({ baseUrl: url, ...(apiKey === null ? {} : { apiKey }) }),
  close: async () => undefined,
});

/** Whether Partitura answers there. Another program on the port is none. */
const answers = async (url: string): Promise<boolean> => {
  const response = await fetch(new URL('/health/live', url), { signal: AbortSignal.timeout(2_000) }).catch(
    () => null,
  );
  const health: unknown = await response?.json().catch(() => null);
  return typeof health === 'object' && health !== null && Reflect.get(health, 'status') === 'ok';
};

/** The url of whoever has the data directory; null when nobody has, or nobody that answers. */
const servedBy = async (data: string): Promise<string | null> => {
  const holder = await readDataDirectoryHolder(data);
  return holder?.url && (await answers(holder.url)) ? holder.url : null;
};

const serveOneself = async ({ configuration, version, mode }: SessionOptions): Promise<Session> => {
  const { values, origins } = configuration;
  // Half a second of loading that a command served by somebody else does without.
  const { startStandalone } = await import('@partitura/standalone');
  const logger = createLogger({ level: values.logLevel, secrets: configuration.secrets });
  const start = (port: number): Promise<Standalone> =>
    startStandalone({ configuration: values, logger, version, mode, port });
  // Not the usual port: a command in another directory would take this process for a server, which ends when this command does.
  const standalone = await start(origins.port === 'default' || mode === 'look' ? 0 : values.port);
  let closing: Promise<void> | null = null;
  return {
    ...remote(standalone.url, null),
    own: true,
    close: () => {
      closing ??= standalone.stop(graceMs);
      return closing;
    },
  };
};
