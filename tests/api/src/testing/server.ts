import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, loadConfiguration } from '@partitura/shared/runtime';
import { startStandalone } from '@partitura/standalone';
import { type Ask, asking } from './asking.ts';

/** All services in one process, behind real HTTP on loopback, on a directory of its own that outlives a restart. */
export interface Server {
  readonly url: string;
  readonly ask: Ask;
  readonly directory: string;
  /** What was logged as an error: what a 5xx does not tell. */
  readonly errors: readonly string[];
  /** On the same data, at the same address. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Of whoever owns the installation. */
export const bootstrapKey = 'the-key-of-the-installation-0123456789';

const keepingErrors = (errors: string[]): Logger => {
  const ignored = (): void => undefined;
  const told = ({ error }: { readonly error?: unknown }): string =>
    error instanceof Error ? `${error.stack}${error.cause instanceof Error ? error.cause.stack : ''}` : '';
  const error = (fields: object, message: string): void => {
    errors.push(`${message} ${told(fields)}`);
  };
  const logger: Logger = { debug: ignored, info: ignored, warn: ignored, error, child: () => logger };
  return logger;
};

/** @param environment beside the data directory, as the program would find it */
export const startServer = async (environment: Readonly<Record<string, string>> = {}): Promise<Server> => {
  const directory = await mkdtemp(join(tmpdir(), 'partitura-api-'));
  const errors: string[] = [];
  const logger = keepingErrors(errors);
  const start = async (port: number) => {
    const configuration = await loadConfiguration({
      environment: {
        ...environment,
        PARTITURA_DATA: join(directory, 'data'),
        PARTITURA_REPOSITORY_FOLDERS: join(directory, 'repositories'),
      },
      userFile: null,
      projectFile: null,
      flags: {},
    });
    return startStandalone({ configuration, logger, version: '0', mode: 'work', port });
  };
  let running = await start(0);
  const { url } = running;
  return {
    url,
    ask: asking(url),
    directory,
    errors,
    restart: async () => {
      await running.stop(5_000);
      running = await start(Number(new URL(url).port));
    },
    stop: async () => {
      await running.stop(0);
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};
