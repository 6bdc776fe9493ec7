import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server of the stack, started natively on loopback. Each module here exports `start…(options) → NativeServer`. */
export interface NativeServer {
  /** As a `PARTITURA_…_URL` takes it, credentials included. */
  readonly url: string;
  readonly processId: number;
  /** Ends exactly this process and waits until it is gone. May be called again. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface Program {
  /** For people: `Redis`. */
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Throws while the server does not answer yet. */
  readonly isReady: () => Promise<void>;
  /** Default 15 s. */
  readonly timeoutMs?: number;
  /** The server may outlive the process that starts it. Default: it ends with it, also after a kill. */
  readonly outlives?: boolean;
}

export interface RunningProgram {
  readonly processId: number;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const linuxWrapper = '/usr/bin/setpriv';

/**
 * Starts a program and waits until it answers.
 * @throws {Error} with the last of its output, when it ends or does not answer in time
 */
export const startProgram = async (program: Program): Promise<RunningProgram> => {
  const { name, isReady, timeoutMs = 15_000 } = program;
  const child = spawnProgram(program);
  const output = lastOutput(child);
  const spawned = once(child, 'spawn');
  await spawned.catch((error: unknown) => {
    throw new Error(`${name} could not be started: ${String(error)}`, { cause: error });
  });
  const stop = stopperOf(child);
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const problem = await isReady().then(
      () => null,
      (error: unknown) => error,
    );
    if (problem === null) break;
    if (hasEnded(child) || Date.now() > deadline) {
      await stop('SIGKILL');
      throw new Error(`${name} did not start: ${String(problem)}\n${output()}`, { cause: problem });
    }
    await sleep(25);
  }
  if (program.outlives) child.unref();
  return { processId: child.pid ?? 0, stop };
};

const spawnProgram = (program: Program): ChildProcess => {
  const { command, directory, environment = {}, outlives = false } = program;
  const bound = !outlives && existsSync(linuxWrapper);
  const [file, words] = bound
    ? [linuxWrapper, ['--pdeathsig', 'KILL', '--', command, ...program.arguments]]
    : [command, [...program.arguments]];
  return spawn(file, words, {
    cwd: directory,
    env: { PATH: process.env.PATH ?? '', HOME: directory, LANG: 'C.UTF-8', ...environment },
    stdio: ['ignore', outlives ? 'ignore' : 'pipe', outlives ? 'ignore' : 'pipe'],
    detached: outlives,
  });
};

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const stopperOf = (child: ChildProcess) => {
  const ended = once(child, 'exit');
  return async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (hasEnded(child)) return;
    child.ref();
    child.kill(signal);
    const patience = new AbortController();
    // A server that was stopped (SIGSTOP), or hangs, does not get to keep us.
    const tooLong = sleep(10_000, undefined, { signal: patience.signal }).then(
      () => child.kill('SIGKILL'),
      () => false,
    );
    await ended;
    patience.abort();
    await tooLong;
  };
};

/** The last 4 KB of what it said. */
const lastOutput = (child: ChildProcess): (() => string) => {
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-4_096);
    });
  return () => text;
};

/** A port of 127.0.0.1 that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
};
