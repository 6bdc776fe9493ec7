import { join } from 'node:path';
import { acquireDataDirectory } from '../../event-store/index.ts';
import {
  createLogger,
  type HealthCheck,
  type LoadedConfiguration,
  type Logger,
  loadConfiguration,
  onShutdownSignals,
  PartituraError,
} from '../../runtime/index.ts';
import { createHost, type Host } from '../host.ts';
import { type EarlyServer, earlyServer } from './early-server.ts';

export interface ProcessHost extends Host {
  readonly server: EarlyServer;
  /** Not ready any more as soon as the process was asked to end. */
  readonly draining: HealthCheck;
  /** A directory that no other process has. @throws {PartituraError} `DATA_DIRECTORY_LOCKED`, `DATA_DIRECTORY_NOT_WRITABLE` */
  dataDirectory(): Promise<string>;
}

export interface RunningProcess {
  /** Finishes what is in hand, at the most `graceMs`. */
  stop(graceMs: number): Promise<unknown>;
}

export interface ProcessOptions {
  readonly name: string;
  /** Where it listens when nobody says otherwise. */
  readonly port: number;
  /** Resolves when it is ready. */
  readonly start: (host: ProcessHost) => Promise<RunningProcess>;
}

/** 128 and the number of SIGINT: what shells expect of a program that was cut off. */
const cutOff = 130;

/**
 * One of the services as a process of its own: reads the environment, listens, waits for its engines, works until SIGTERM or
 * SIGINT, finishes what it has in hand, and ends. A second signal ends it at once; the log has everything.
 *
 * Ends the process: 0 after a signal, 2 for a configuration that cannot be, 1 for everything else.
 */
export const runProcess = async (options: ProcessOptions): Promise<never> => {
  const { name } = options;
  const configuration = await readEnvironment().catch((error: unknown) => {
    process.stderr.write(`${name}: ${explain(error)}\n`);
    return process.exit(2);
  });
  const { values, origins, secrets } = configuration;
  const level = origins.logLevel === 'default' ? 'info' : values.logLevel;
  const logger = createLogger({ level, name, secrets });
  try {
    await work(options, configuration, logger);
  } catch (error) {
    logger.error({ error, ...codeOf(error) }, explain(error));
    process.exit(isConfiguration(error) ? 2 : 1);
  }
  process.exit(0);
};

const work = async (
  { name, port, start }: ProcessOptions,
  configuration: LoadedConfiguration,
  logger: Logger,
): Promise<void> => {
  const { values, origins } = configuration;
  const host = createHost({ configuration, paths: null, logger });
  const asked = Promise.withResolvers<NodeJS.Signals>();
  let ending = false;
  let running = false;
  onShutdownSignals(process, {
    graceful: (signal) => {
      ending = true;
      // Nothing is in hand yet; whatever is waited for may take a minute.
      if (!running) process.exit(0);
      asked.resolve(signal);
    },
    immediate: () => process.exit(cutOff),
  });
  try {
    const server = await earlyServer(values.host, origins.port === 'default' ? port : values.port);
    host.opened.add(() => server.close());
    logger.info({ url: server.url, pid: process.pid }, 'listening');
    const started = await start({
      ...host,
      server,
      draining: { name: 'process', check: async () => (ending ? 'It is ending.' : null) },
      dataDirectory: async () => {
        const path = origins.data === 'default' ? join(values.data, name) : values.data;
        const directory = await acquireDataDirectory(path, { clock: host.clock });
        host.opened.add(() => directory.release());
        return path;
      },
    });
    running = true;
    logger.info({ url: server.url }, 'ready');
    const signal = await asked.promise;
    logger.info({ signal, graceSeconds: values.drainSeconds }, 'ending: what is in hand is finished');
    const graceMs = values.drainSeconds * 1_000;
    await started.stop(graceMs);
    // Requests at work need the engines still. fastify does not wait for them, because the server that listens is not its own.
    const enough = new AbortController();
    const tooLong = host.clock.sleep(graceMs, enough.signal).catch(() => undefined);
    await Promise.race([server.close(), tooLong]);
    enough.abort();
  } finally {
    await host.opened.closeAll();
  }
  logger.info({}, 'ended');
};

/** No files: what a process of a service is told stands in its environment. */
const readEnvironment = (): Promise<LoadedConfiguration> =>
  loadConfiguration({ environment: process.env, userFile: null, projectFile: null, flags: {} });

const codeOf = (error: unknown): object => (error instanceof PartituraError ? { code: error.code } : {});

const isConfiguration = (error: unknown): boolean =>
  error instanceof PartituraError &&
  ['CONFIGURATION', 'ENGINE_NOT_SHARED', 'KEYS_REQUIRED'].includes(error.code);

const explain = (error: unknown): string => {
  if (!(error instanceof PartituraError)) return `it failed: ${String(error)}`;
  return [error.message, error.advice ?? ''].join(' ').trim();
};
