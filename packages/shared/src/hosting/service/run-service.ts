import { runComponents, type Service } from '../../runtime/index.ts';
import { type ProcessHost, runProcess } from '../process/run-process.ts';
import { requireServiceKey, serviceCredentials } from './credentials.ts';
import { operationServer } from './operation-server.ts';

export interface ServiceProcess {
  readonly name: string;
  /** Where it listens when `PARTITURA_PORT` does not say otherwise. */
  readonly port: number;
  /** Opens the engines it stands on, and puts it together. */
  readonly compose: (host: ProcessHost) => Promise<Service>;
}

/** Runs one service as a process of its own, until it is asked to end. */
export const runService = ({ name, port, compose }: ServiceProcess): Promise<never> =>
  runProcess({
    name,
    port,
    start: async (host) => {
      const { configuration, clock, logger, metrics, server, draining, engines } = host;
      const credentials = serviceCredentials(requireServiceKey(configuration), name, clock);
      const service = await compose(host);
      const running = await runComponents(service.components, { clock, logger });
      const app = await operationServer({
        service,
        server,
        credentials,
        checks: [draining, ...engines.all],
        metrics,
        logger,
      });
      host.opened.add(() => app.close());
      return running;
    },
  });
