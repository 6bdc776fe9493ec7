import { randomBytes } from 'node:crypto';
import { readDataDirectoryHolder } from '@partitura/shared/event-store';
import { type ApiClient, apiClient } from '@partitura/shared/http';
import {
  createLogger,
  type LoadedConfiguration,
  PartituraError,
  systemClock,
} from '@partitura/shared/runtime';
import type { Standalone } from '@partitura/standalone';

/** Somebody who answers: a server that is there, or this process itself. */
export interface Session {
  readonly client: ApiClient;
  readonly url: string;
  /** True when this process does the work, and ending it ends that. */
  readonly own: boolean;
  /** Where the server may end before the work does: who answers then, this process at the latest. Null where nobody else may. */
  readonly renew: (() => Promise<Session>) | null;
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
/** Two seconds in all: a server that is started again is there by then. */
const reconnects = 4;

/**
 * Finds who answers, in this order: the server that was named; the process that has the data directory; a server at the usual
 * address, unless a data directory was named; else this process, which leaves everything on disk for the next.
 * @throws {PartituraError} `SERVER_NOT_REACHED` for a named one that does not answer, `DATA_DIRECTORY_*`, `STORE_*`
 */
export const openSession = async (options: SessionOptions): Promise<Session> => {
  const { values } = options.configuration;
  const server = await findServer(options.configuration);
  // Whoever serves a directory may be a command that ends with its own run; a server that was named is meant.
  if (server !== null)
    return options.mode === 'work' && values.url === null
      ? { ...server, renew: () => openSession(options) }
      : server;
  if (options.detached === true) {
    const { startServer } = await import('../server/start-server.ts');
    return remote(await startServer(options.configuration), values);
  }
  return serveOneself(options).catch((error: unknown) => {
    if (error instanceof PartituraError && error.code === 'DATA_DIRECTORY_LOCKED')
      return waitForHolder(options, error);
    throw error;
  });
};

const patienceMs = 8_000;
const lookMs = 100;

/** A process that starts or ends has the directory and does not serve yet, or no longer: within seconds it does one or the other. */
const waitForHolder = async (options: SessionOptions, locked: PartituraError): Promise<Session> => {
  for (let waited = 0; waited < patienceMs; waited += lookMs) {
    await systemClock.sleep(lookMs);
    const server = await findServer(options.configuration);
    if (server !== null) return openSession(options);
    const session = await serveOneself(options).catch((error: unknown) => {
      if (error instanceof PartituraError && error.code === 'DATA_DIRECTORY_LOCKED') return null;
      throw error;
    });
    if (session !== null) return session;
  }
  throw locked;
};

/**
 * Another process that answers; null when there is none.
 * @throws {PartituraError} `SERVER_NOT_REACHED` for one that was named and does not answer
 */
export const findServer = async ({ values, origins }: LoadedConfiguration): Promise<Session | null> => {
  if (values.url !== null) {
    const session = remote(values.url, values);
    if (await answers(session.url)) return session;
    throw new PartituraError('SERVER_NOT_REACHED', `${values.url} does not answer.`, {
      advice: 'Start it with: partitura up',
    });
  }
  const holder = await servedBy(values.data);
  if (holder !== null) return remote(holder, values);
  const usual = `http://${values.host}:${values.port}`;
  const isUsual = origins.data === 'default' && values.port !== 0;
  return isUsual && (await answers(usual)) ? remote(usual, values) : null;
};

/** As whom to ask, and for which organisation. */
type Caller = Pick<LoadedConfiguration['values'], 'apiKey' | 'organization'>;

const remote = (url: string, { apiKey, organization }: Caller): Session => ({
  url,
  own: false,
  renew: null,
  client: apiClient({
    baseUrl: url,
    reconnects,
    ...(apiKey === null ? {} : { apiKey }),
    ...(organization === null ? {} : { organizationId: organization }),
  }),
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
  // Where keys are asked for, whoever has the data directory needs none; others that reach this process do.
  const ownKey = values.apiKey ?? randomBytes(32).toString('base64url');
  const start = (port: number): Promise<Standalone> =>
    startStandalone({ configuration, logger, version, mode, port, ownKey });
  // Not the usual port: a command in another directory would take this process for a server, which ends when this command does.
  const standalone = await start(origins.port === 'default' || mode === 'look' ? 0 : values.port);
  const session = remote(standalone.url, { apiKey: ownKey, organization: values.organization });
  // Asked of the whole: an organisation that is not there is for the command to say.
  await caughtUp(remote(standalone.url, { apiKey: ownKey, organization: null }).client);
  let closing: Promise<void> | null = null;
  return {
    ...session,
    own: true,
    close: () => {
      closing ??= standalone.stop(graceMs);
      return closing;
    },
  };
};

/** After a process that was killed, the read models are behind the log: what they say then would be old news. */
const caughtUp = async (client: ApiClient): Promise<void> => {
  for (let waited = 0; waited < patienceMs; waited += lookMs) {
    const { items } = await client.call('listProjections', {});
    if (items.every(({ lag }) => lag === 0)) return;
    await systemClock.sleep(lookMs);
  }
};
