import {
  type AccessSettings,
  accessSettings,
  asksForKeys,
  type Gateway,
  gatewayServer,
  hookSecrets,
  inProcessCaller,
} from '@partitura/gateway';
import { runsAtWork } from '@partitura/orchestrator';
import { acquireDataDirectory } from '@partitura/shared/event-store';
import { createHost, dataPaths } from '@partitura/shared/hosting';
import {
  type LoadedConfiguration,
  type Logger,
  type RunningComponents,
  runComponents,
  systemClock,
} from '@partitura/shared/runtime';
import { openPorts, type Ports } from './ports.ts';
import { composeServices } from './services.ts';

export interface StandaloneOptions {
  readonly configuration: Pick<LoadedConfiguration, 'values' | 'secrets'>;
  readonly logger: Logger;
  /** Of the program. */
  readonly version: string;
  /**
   * `work`: every run that goes on is taken up. `look`: what the log says is answered, commands are recorded, and nobody acts on
   * them: a `ps` must not set agents to work.
   */
  readonly mode: 'work' | 'look';
  /**
   * A key of whoever starts it, good where keys are asked for in place of the configured one: a command serves itself before there
   * is any key, and so the first one can be made. Without a configured key it listens on 127.0.0.1 alone then.
   */
  readonly ownKey?: string;
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

/**
 * All services in one process, on a data directory that nobody else has.
 * @throws {PartituraError} `DATA_DIRECTORY_LOCKED`, `DATA_DIRECTORY_NOT_WRITABLE`, `PORT_TAKEN`, `STORE_*`, `KEYS_REQUIRED`
 */
export const startStandalone = async (options: StandaloneOptions): Promise<Standalone> => {
  const { configuration, logger } = options;
  const { values } = configuration;
  const host = createHost({ configuration, paths: dataPaths(values.data, values), logger });
  try {
    const directory = await acquireDataDirectory(values.data, { clock: systemClock });
    host.opened.add(() => directory.release());
    const ports = await openPorts(host);
    const { gateway, components } = await compose(options, ports);
    host.opened.add(() => gateway.close());
    const { url } = await gateway.listen({ host: hostOf(options), port: options.port });
    const takenUp = options.mode === 'work' ? await runsAtWork(ports.store) : [];
    const running = await components();
    await directory.announce(url);
    return {
      url,
      takenUp,
      stop: async (graceMs) => {
        await directory.announce(null);
        await running.stop(graceMs);
        await host.opened.closeAll();
      },
    };
  } catch (error) {
    await host.opened.closeAll();
    throw error;
  }
};

/** Null where its starter is not the only one with a key of the configuration. */
const ownAccess = ({ configuration, ownKey }: StandaloneOptions): AccessSettings | null =>
  ownKey !== undefined && asksForKeys(configuration.values)
    ? { apiKey: ownKey, keysRequired: true, oidc: null }
    : null;

const hostOf = (options: StandaloneOptions): string => {
  const { host, apiKey } = options.configuration.values;
  return ownAccess(options) !== null && apiKey === null ? '127.0.0.1' : host;
};

const compose = async (
  options: StandaloneOptions,
  ports: Ports,
): Promise<{ gateway: Gateway; components: () => Promise<RunningComponents> }> => {
  const { logger, mode, version } = options;
  const { working, reading } = composeServices(ports);
  const all = [...reading, ...working];
  const up = mode === 'work' ? all : reading;
  const gateway = await gatewayServer({
    ...ports,
    version,
    ...(ownAccess(options) ?? (await accessSettings(ports.configuration, ports))),
    corsOrigins: ports.configuration.corsOrigins,
    hooks: hookSecrets(ports.configuration),
    caller: inProcessCaller(all),
    health: up.flatMap(({ health }) => health),
  });
  const started = up.flatMap(({ components }) => components);
  return { gateway, components: () => runComponents(started, { clock: systemClock, logger }) };
};
