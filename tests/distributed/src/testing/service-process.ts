import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, startProgram } from '../../../../infra/native/program.ts';
import { type RestartableServer, restartable } from '../../../../infra/native/restartable.ts';
import { endOf } from './diary.ts';

/** A start takes half the processor time, and there are dozens of them. */
const compileCache = fileURLToPath(new URL('../../../../node_modules/.cache/node-compile', import.meta.url));

export const serviceNames = [
  'relay',
  'projections',
  'knowledge',
  'orchestrator',
  'planner',
  'agent-runner',
  'notifier',
  'gateway',
] as const;
export type ServiceName = (typeof serviceNames)[number];

export interface ServiceProcessOptions {
  readonly service: ServiceName;
  /** Tells replicas of one service apart. */
  readonly replica: number;
  /** For what it keeps on disk, and what it says. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly port?: number;
}

export interface ServiceProcess extends RestartableServer {
  readonly service: ServiceName;
  readonly replica: number;
  /** What it wrote since its first start. */
  readonly logFile: string;
}

/** One service on the pinned Node, as its users start it: `node services/<name>/src/main.ts`. Resolves when it is ready. */
export const startServiceProcess = async (options: ServiceProcessOptions): Promise<ServiceProcess> => {
  const { service, replica, directory, environment } = options;
  const name = `${service}-${replica}`;
  const main = fileURLToPath(new URL(`../../../../services/${service}/src/main.ts`, import.meta.url));
  const logFile = join(directory, `${name}.log`);
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const server = await restartable(async () => {
    const running = await startProgram({
      name,
      command: 'sh',
      arguments: [
        '-c',
        'exec "$0" --disable-warning=ExperimentalWarning "$@" 2>>"$LOG_FILE"',
        process.execPath,
        main,
      ],
      environment: {
        ...environment,
        LOG_FILE: logFile,
        NODE_COMPILE_CACHE: compileCache,
        PARTITURA_PORT: String(port),
        PARTITURA_DATA: join(directory, name),
      },
      directory,
      timeoutMs: 240_000,
      isReady: () => ready(url),
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${endOf(logFile)}`, { cause: error });
    });
    return { ...running, url };
  }, port);
  return Object.assign(server, { service, replica, logFile });
};

/** Asked forty times a second each, fourteen processes on two cores were busier with the answers than with their start. */
const pauseMs = 250;

const ready = async (url: string): Promise<void> => {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) });
    const said = await response.text();
    if (!response.ok) throw new Error(said);
  } catch (error) {
    await sleep(pauseMs);
    throw error;
  }
};
