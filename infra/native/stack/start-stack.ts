import { type RestartableServer, restartable } from '../restartable.ts';
import { type EngineName, engineNames, engines, forEachEngine } from './engines.ts';
import { lockStack, openStackDirectory } from './stack-directory.ts';

export interface StackOptions {
  /** Where the engines keep their data, and the stack their passwords; the same directory again is the same data again. */
  readonly directory: string;
  /** Default: all. */
  readonly which?: readonly EngineName[];
}

export interface Stack {
  /** Credentials included. Asking for one that was not started throws. */
  readonly urls: Readonly<Record<EngineName, string>>;
  /** `PARTITURA_…_URL` of those that were started. */
  readonly environment: Readonly<Record<string, string>>;
  /** Each can be killed, paused and brought back, at the same port with the same data. */
  readonly servers: Readonly<Record<EngineName, RestartableServer>>;
  /** Ends them all, also those that are paused. The data stays. */
  stop(): Promise<void>;
}

/**
 * The engines of the distributed profile, on free ports of loopback, as part of this process: they end with it, also when it is
 * killed. Starts them at the same time; the first start on a machine fetches and builds some of them, which takes minutes.
 * @throws {Error} when one does not start; then none is left running
 */
export const startStack = async ({ directory, which = engineNames }: StackOptions): Promise<Stack> => {
  const lock = lockStack(directory);
  const stack = openStackDirectory(directory);
  const started = new Map<EngineName, RestartableServer>();

  const start = async (name: EngineName): Promise<void> => {
    const options = {
      directory: stack.engineDirectory(name),
      password: stack.password(name),
      outlives: false,
    };
    const launch = (port: number | undefined) =>
      engines[name].start(port === undefined ? options : { ...options, port });
    started.set(name, await restartable(launch));
  };

  const stop = async (): Promise<void> => {
    await Promise.all([...started.values()].map((server) => server.stop()));
    lock.release();
  };

  const outcomes = await Promise.allSettled(which.map(start));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const serverOf = (name: EngineName): RestartableServer => {
    const server = started.get(name);
    if (!server) throw new Error(`${engines[name].title} is not part of this stack.`);
    return server;
  };
  return {
    urls: forEachEngine((name) => serverOf(name).url),
    servers: forEachEngine(serverOf),
    environment: Object.fromEntries([...started].map(([name, { url }]) => [engines[name].variable, url])),
    stop,
  };
};
