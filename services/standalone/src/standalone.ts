import { accessSettings, type Gateway, gatewayServer, inProcessCaller } from '@partitura/gateway';
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
   * A key of whoever starts it, in place of all others: a command that serves itself where keys are asked for, so that the first key
   * can be made. Then it listens on 127.0.0.1 alone.
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
    const url = await listen(gateway, options);
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

/** Where whoever starts it is the only one with a key, nobody else has a reason to reach it. */
const listen = async (gateway: Gateway, { configuration, ownKey, port }: StandaloneOptions) => {
  const host = ownKey === undefined ? configuration.values.host : '127.0.0.1';
  return (await gateway.listen({ host, port })).url;
};

const ownAccess = (apiKey: string) => ({ apiKey, keysRequired: true, oidc: null });

const compose = async (
  { logger, mode, version, ownKey }: StandaloneOptions,
  ports: Ports,
): Promise<{ gateway: Gateway; components: () => Promise<RunningComponents> }> => {
  const { working, reading } = composeServices(ports);
  const all = [...reading, ...working];
  const up = mode === 'work' ? all : reading;
  const gateway = await gatewayServer({
    ...ports,
    version,
    ...(ownKey === undefined ? await accessSettings(ports.configuration, ports) : ownAccess(ownKey)),
    corsOrigins: ports.configuration.corsOrigins,
    caller: inProcessCaller(all),
    health: up.flatMap(({ health }) => health),
  });
  const started = up.flatMap(({ components }) => components);
  return { gateway, components: () => runComponents(started, { clock: systemClock, logger }) };
};
