import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess, type ProcessIdentity, recordedProcess } from '../process-identity.ts';
import { freePort, isFree, processFile, takesConnections } from '../program.ts';
import { portOf } from '../restartable.ts';
import { type EngineName, engines } from './engines.ts';
import { type EngineRecord, lockStack, openStackDirectory, type StackDirectory } from './stack-directory.ts';

export interface UpOptions {
  readonly directory: string;
  readonly which: readonly EngineName[];
  /** Free ports where the default ones, or those it had, are taken. */
  readonly anyPort: boolean;
  readonly say: (line: string) => void;
}

/**
 * Starts what does not run yet, so that it outlives this process, and waits until all answer.
 * @throws {AggregateError} with what kept some from starting; the others run, and the next `up` finds them
 */
export const up = async (options: UpOptions): Promise<void> => {
  const { directory, which, say } = options;
  const lock = lockStack(directory);
  try {
    const stack = openStackDirectory(directory);
    const outcomes = await Promise.allSettled(which.map((name) => ensure(stack, name, options)));
    stack.writeEnvironment();
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    if (errors.length > 0)
      throw new AggregateError(errors, `${errors.length} of ${which.length} did not start.`);
    say(`The URLs with their credentials: . ${stack.environmentFile}`);
  } finally {
    lock.release();
  }
};

const ensure = async (
  stack: StackDirectory,
  name: EngineName,
  { anyPort, say }: UpOptions,
): Promise<void> => {
  const { title, is } = engines[name];
  const running = await runningEngine(stack, name);
  const { url } = running ?? (await start(stack, name, anyPort));
  say(`${title.padEnd(12)} ${running ? 'runs already' : 'started'}: ${withoutCredentials(url)} (${is})`);
};

/** One that was ready once and answers now; one that is there and was never ready is ended. */
const runningEngine = async (stack: StackDirectory, name: EngineName): Promise<EngineRecord | null> => {
  const found = stack.runningProcess(name);
  if (!found) return null;
  const known = stack.recorded(name);
  if (!known?.process || !isSame(known.process, found)) {
    await endProcess(found);
    return null;
  }
  await takesConnections(known.port).catch((error: unknown) => {
    throw new Error(
      `${engines[name].title} runs as process ${found.processId} and does not answer at port ${known.port}: see infra/native/status, or stop it with infra/native/down`,
      { cause: error },
    );
  });
  return known;
};

const isSame = (one: ProcessIdentity, other: ProcessIdentity): boolean =>
  one.processId === other.processId && one.started === other.started;

const start = async (stack: StackDirectory, name: EngineName, anyPort: boolean): Promise<EngineRecord> => {
  const directory = stack.engineDirectory(name);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const port = await portFor(stack, name, anyPort);
  const { url } = await engines[name].start({
    directory,
    port,
    password: stack.password(name),
    outlives: true,
  });
  const record = { port: portOf(url), url, process: recordedProcess(join(directory, processFile)) };
  stack.record(name, record);
  return record;
};

/** A directory keeps its ports. */
const portFor = async (stack: StackDirectory, name: EngineName, anyPort: boolean): Promise<number> => {
  const { title, defaultPort } = engines[name];
  const wanted = stack.recorded(name)?.port ?? (anyPort ? null : defaultPort);
  if (wanted !== null && (await isFree(wanted))) return wanted;
  if (anyPort) return await freePort();
  throw new Error(
    `${title} cannot have port ${wanted} of 127.0.0.1: somebody else listens there. Stop that, or call up with --any-port.`,
  );
};

export const withoutCredentials = (url: string): string => url.replace(/\/\/[^/@]*@/, '//');
