import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { type ApiClient, apiClient } from '@partitura/shared/http';
import { freePort } from '../../../../infra/native/program.ts';
import {
  type ServiceName,
  type ServiceProcess,
  serviceNames,
  startServiceProcess,
} from './service-process.ts';

export interface SwarmOptions {
  readonly directory: string;
  /** `PARTITURA_…_URL` of each engine. */
  readonly engines: Readonly<Record<string, string>>;
  /** How many of each service. Default: one. */
  readonly replicas?: Partial<Record<ServiceName, number>> | number;
  /** On top of what every service needs. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** All services as processes of their own, on engines that are there already. */
export interface Swarm {
  readonly processes: readonly ServiceProcess[];
  of(service: ServiceName): readonly ServiceProcess[];
  /** Through the first gateway, or the n-th. */
  client(gateway?: number): ApiClient;
  stop(): Promise<void>;
}

const countOf = ({ replicas = 1 }: SwarmOptions, service: ServiceName): number =>
  typeof replicas === 'number' ? replicas : (replicas[service] ?? 1);

export const startSwarm = async (options: SwarmOptions): Promise<Swarm> => {
  const { directory, engines } = options;
  await mkdir(directory, { recursive: true });
  const places: { service: ServiceName; replica: number; port: number }[] = [];
  for (const service of serviceNames) {
    for (let replica = 1; replica <= countOf(options, service); replica += 1)
      places.push({ service, replica, port: await freePort() });
  }
  const addressesOf = (service: ServiceName): string =>
    places
      .filter((place) => place.service === service)
      .map(({ port }) => `http://127.0.0.1:${port}`)
      .join(',');
  const environment = {
    ...engines,
    PARTITURA_SERVICE_KEY: randomBytes(32).toString('hex'),
    PARTITURA_SECRET_KEY: randomBytes(32).toString('hex'),
    PARTITURA_SIGNING_KEY: randomBytes(32).toString('hex'),
    PARTITURA_ORCHESTRATOR_SERVICE_URL: addressesOf('orchestrator'),
    PARTITURA_PROJECTIONS_SERVICE_URL: addressesOf('projections'),
    PARTITURA_PLANNER_SERVICE_URL: addressesOf('planner'),
    PARTITURA_AGENT_RUNNER_SERVICE_URL: addressesOf('agent-runner'),
    PARTITURA_KNOWLEDGE_SERVICE_URL: addressesOf('knowledge'),
    PARTITURA_NOTIFIER_SERVICE_URL: addressesOf('notifier'),
    ...options.environment,
  };
  const starting = places.map((place) => startServiceProcess({ ...place, directory, environment }));
  const settled = await Promise.allSettled(starting);
  const processes = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((one) => one.stop('SIGTERM')));
  };
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const of = (service: ServiceName) => processes.filter((one) => one.service === service);
  return {
    processes,
    of,
    client: (gateway = 0) => {
      const found = of('gateway')[gateway];
      if (!found) throw new Error(`There is no gateway ${gateway}.`);
      return apiClient({ baseUrl: found.url, reconnects: 100 });
    },
    stop,
  };
};
