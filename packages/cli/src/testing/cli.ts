import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', 'main.ts');
const modules = join(import.meta.dirname, '..', '..', '..', '..', 'node_modules');
const node = join(modules, 'node', 'bin', 'node');
const compileCache = join(modules, '.cache', 'node-compile');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a process that is still running. */
export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Until it has written that, on either stream. Fails when it ends without. */
  said(text: string | RegExp): Promise<void>;
  interrupt(): void;
}

export interface CliOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** A directory of its own, and the command run in it as a process, with nothing of this machine's settings. */
export interface Place {
  readonly directory: string;
  start(args: readonly string[], options?: CliOptions): Started;
  run(args: readonly string[], options?: CliOptions): Promise<Ended>;
  write(name: string, content: string | Uint8Array): Promise<string>;
  remove(): Promise<void>;
}

/** Two sentences: the smallest thing that is planned as a whole. */
export const tinyPrd = 'A command that prints the weather of a city. It caches answers for ten minutes.\n';

const cleaned = (): Record<string, string> => {
  const kept = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && /^(PATH|HOME|TMPDIR|USER)$/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    LANG: 'C.UTF-8',
    // As the launcher has it: a start takes 0.9 s of processor time instead of 2.
    NODE_COMPILE_CACHE: compileCache,
    XDG_CONFIG_HOME: join(tmpdir(), 'partitura-no-config'),
  };
};

export const newPlace = async (): Promise<Place> => {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'partitura-cli-')));
  const running = new Set<ChildProcess>();
  const start = (args: readonly string[], { environment = {}, input }: CliOptions = {}): Started => {
    const child = spawn(node, ['--disable-warning=ExperimentalWarning', main, ...args], {
      cwd: directory,
      env: { ...cleaned(), ...environment },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    if (input !== undefined) child.stdin?.end(input);
    return watched(child);
  };
  return {
    directory,
    start,
    run: (args, options) => start(args, options).ended,
    write: async (name, content) => {
      const path = join(directory, name);
      await writeFile(path, content);
      return path;
    },
    remove: async () => {
      for (const child of running) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
};

const watched = (child: ChildProcess): Started => {
  const written = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(
    ([code]): Ended => ({ code: typeof code === 'number' ? code : null, ...written }),
  );
  const has = (text: string | RegExp): boolean => {
    const all = written.stdout + written.stderr;
    return typeof text === 'string' ? all.includes(text) : text.test(all);
  };
  return {
    process: child,
    ended,
    interrupt: () => void child.kill('SIGINT'),
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!has(text)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        void ended.then(({ code, stdout, stderr }) => {
          listeners.delete(look);
          reject(new Error(`It ended with ${code} before it said ${text}.\n${stdout}\n${stderr}`));
        });
      }),
  };
};
