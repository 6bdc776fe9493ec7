import { gatewayServer, inProcessCaller } from '@partitura/gateway';
import { acquireDataDirectory } from '@partitura/shared/event-store';
import { createHost, dataPaths } from '@partitura/shared/hosting';
import { loadConfiguration, runComponents, silentLogger, systemClock } from '@partitura/shared/runtime';
import { composeServices, openPorts, type Ports } from '@partitura/standalone';

/** The embedded profile as `partitura up` runs it, with its ports at hand. */
export interface Served {
  readonly url: string;
  readonly ports: Ports;
  /** Waits until the read models have all that is in the log. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

const graceMs = 1_000;

export const serve = async (data: string): Promise<Served> => {
  const environment = { PARTITURA_DATA: data };
  const configuration = await loadConfiguration({
    environment,
    userFile: null,
    projectFile: null,
    flags: {},
  });
  const { values } = configuration;
  const directory = await acquireDataDirectory(values.data, { clock: systemClock });
  const logger = silentLogger;
  const host = createHost({ configuration, paths: dataPaths(values.data, values), logger });
  const ports = await openPorts(host);
  const { working, reading } = composeServices(ports);
  const services = [...reading, ...working];
  const caller = inProcessCaller(services);
  const gateway = await gatewayServer({ ...ports, version: '0', caller });
  const { url } = await gateway.listen({ host: '127.0.0.1', port: 0 });
  const components = services.flatMap((service) => service.components);
  const running = await runComponents(components, { clock: systemClock, logger });

  return {
    url,
    ports,
    caughtUp: async () => {
      const head = await ports.store.head();
      if (head === '') return;
      while (!(await fetch(`${url}/api/v1/projects?after=${head}`)).ok);
    },
    stop: async () => {
      await gateway.close();
      await running.stop(graceMs);
      await ports.opened.closeAll();
      await directory.release();
    },
  };
};
