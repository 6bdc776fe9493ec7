import { type Gateway, gatewayServer, inProcessCaller } from '@partitura/gateway';
import { runsAtWork } from '@partitura/orchestrator';
import { acquireDataDirectory, type DataDirectory } from '@partitura/shared/event-store';
import {
  type Configuration,
  type Logger,
  type RunningComponents,
  runComponents,
  systemClock,
} from '@partitura/shared/runtime';
import { openPorts, type Ports } from './ports.ts';
import { composeServices } from './services.ts';

export interface StandaloneOptions {
  readonly configuration: Configuration;
  readonly logger: Logger;
  /** Of the program. */
  readonly version: string;
  /**
   * `work`: every run that goes on is taken up. `look`: what the log says is answered, commands are recorded, and nobody acts on
   * them: a `ps` must not set agents to work.
   */
  readonly mode: 'work' | 'look';
  /** 0 takes any that is free. */
  readonly port: number;
}

export interface Standalone {
  readonly url: string;
  /** Runs that were going on when it started, and go on with it. */
  readonly takenUp: readonly string[];
  /** Lets agents come to a point where they can go on later, at the most `graceMs`, and closes everything. */
  stop(graceMs: number): Promise<void>;
}

/** What is open, so that a start that fails half-way closes it again. */
type Closing = () => Promise<unknown>;

/**
 * All services in one process, on a data directory that nobody else has.
 * @throws {PartituraError} `DATA_DIRECTORY_LOCKED`, `DATA_DIRECTORY_NOT_WRITABLE`, `PORT_TAKEN`, `STORE_*`, `KEYS_REQUIRED`
 */
export const startStandalone = async (options: StandaloneOptions): Promise<Standalone> => {
  const { configuration, logger } = options;
  const opened: Closing[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of opened.splice(0).toReversed()) await close();
  };
  try {
    const directory = await acquireDataDirectory(configuration.data, { clock: systemClock });
    opened.push(() => directory.release());
    const ports = await openPorts(directory, configuration, logger);
    opened.push(() => ports.close());
    const { gateway, components } = await compose(options, ports, directory);
    opened.push(() => gateway.close());
    const { url } = await gateway.listen({ host: configuration.host, port: options.port });
    const takenUp = options.mode === 'work' ? await runsAtWork(ports.store) : [];
    const running = await components();
    await directory.announce(url);
    return {
      url,
      takenUp,
      stop: async (graceMs) => {
        await directory.announce(null);
        await running.stop(graceMs);
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
};

const compose = async (
  { configuration, logger, mode, version }: StandaloneOptions,
  ports: Ports,
  directory: DataDirectory,
): Promise<{ gateway: Gateway; components: () => Promise<RunningComponents> }> => {
  const { working, reading } = composeServices(ports, configuration, directory.path);
  const all = [...reading, ...working];
  const gateway = await gatewayServer({
    ...ports,
    metrics: { contentType: ports.metrics.contentType, render: () => ports.metrics.text() },
    version,
    caller: inProcessCaller(all),
    health: (mode === 'work' ? all : reading).flatMap(({ health }) => health),
  });
  const started = (mode === 'work' ? all : reading).flatMap(({ components }) => components);
  return { gateway, components: () => runComponents(started, { clock: systemClock, logger }) };
};
