import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

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
  /**
   * The server may outlive the process that starts it: which process it is and what it says are kept in its directory, as
   * `processFile` and `logFile`. Default: it ends with it, also after a kill.
   */
  readonly outlives?: boolean;
}

/** In the directory of a program that outlives its starter; `process-identity.ts` reads it. */
export const processFile = 'process';
export const logFile = 'output.log';
/** Taken away before the process is looked for to end it; `record-and-run.sh` starts nothing without it. */
export const wantedFile = `${processFile}.wanted`;

export interface RunningProgram {
  readonly processId: number;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const linuxWrapper = '/usr/bin/setpriv';
/** What a program is started by that is to be killed when its starter ends, however that ends. */
export const endsWithStarter: readonly string[] = existsSync(linuxWrapper)
  ? [linuxWrapper, '--pdeathsig', 'KILL', '--']
  : [];
const recorder = fileURLToPath(new URL('record-and-run.sh', import.meta.url));

/**
 * Starts a program and waits until it answers.
 * @throws {Error} with the last of its output, when it ends or does not answer in time
 */
export const startProgram = async (program: Program): Promise<RunningProgram> => {
  const { name, isReady, timeoutMs = 15_000 } = program;
  const child = spawnProgram(program);
  const output = program.outlives ? () => endOfLog(program) : lastOutput(child);
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
  const words = [...wrapperOf(program), command, ...program.arguments];
  const [file = command, ...rest] = words;
  if (outlives) writeFileSync(join(directory, wantedFile), '');
  const log = outlives ? openSync(join(directory, logFile), 'a', 0o600) : 'pipe';
  const child = spawn(file, rest, {
    cwd: directory,
    env: { PATH: process.env.PATH ?? '', HOME: directory, LANG: 'C.UTF-8', ...environment },
    stdio: ['ignore', log, log],
    detached: outlives,
  });
  if (typeof log === 'number') closeSync(log);
  return child;
};

/** What the program is started by, and replaces: its process id stays. */
const wrapperOf = ({ directory, outlives = false }: Program): readonly string[] => {
  if (outlives) return ['/bin/sh', recorder, join(directory, processFile)];
  return endsWithStarter;
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

const endOfLog = ({ directory }: Program): string =>
  readFileSync(join(directory, logFile), 'utf8').slice(-4_096);

/** Throws while nobody takes connections there. */
export const takesConnections = async (port: number): Promise<void> => {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
    socket.setTimeout(1_000, () => reject(new Error(`nobody answers at 127.0.0.1:${port}`)));
  }).finally(() => socket.destroy());
};

/** Null: somebody listens there already. */
const listenOn = async (port: number): Promise<Server | null> => {
  const server = createServer();
  const listens = new Promise<boolean>((resolve) => {
    server.once('listening', () => resolve(true));
    server.once('error', () => resolve(false));
  });
  server.listen(port, '127.0.0.1');
  return (await listens) ? server : null;
};

/** Whether a server could listen there now. */
export const isFree = async (port: number): Promise<boolean> => {
  const server = await listenOn(port);
  server?.close();
  if (server) await once(server, 'close');
  return server !== null;
};

/** Below the ports that systems give to outgoing connections (from 32768 on), and enough for whole swarms. */
const firstPort = 20_000;
const portsOfAShare = 100;
const shares = 120;

/** The first port of a share is listened on for as long as its process lives: so others see, in any checkout, that it is taken. */
const takeShare = async (): Promise<number> => {
  for (let tries = 0; tries < shares; tries += 1) {
    const first = firstPort + ((process.pid + tries) % shares) * portsOfAShare;
    const sign = await listenOn(first);
    sign?.unref();
    if (sign) return first;
  }
  throw new Error('no free port on 127.0.0.1');
};

let share: { readonly first: Promise<number>; given: number } | null = null;

/**
 * A port of 127.0.0.1 that is free, and that is given once. Below those of outgoing connections: a server that is killed and
 * comes back finds its port taken otherwise, by a client of another server or by its own, which can even connect to itself
 * there. Chosen at random, two of a swarm's thirty servers were given the same port now and then, as none listens yet when the
 * next is chosen, or one of them was away when the other was started: so a process goes through a share of the ports that is its own.
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    if (share === null || share.given === portsOfAShare - 1) share = { first: takeShare(), given: 0 };
    share.given += 1;
    const { first, given } = share;
    const port = (await first) + given;
    if (await isFree(port)) return port;
  }
};
