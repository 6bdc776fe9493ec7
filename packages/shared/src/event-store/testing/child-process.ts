import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface RunningChild {
  readonly pid: number;
  /** The next line of its output; null at its end. */
  line(): Promise<string | null>;
  /** kill -9, or nothing when it has ended; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Runs a script of this folder by itself, on the same Node. */
export const startChild = (script: string, ...parameters: readonly string[]): RunningChild => {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child: ChildProcess = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', path, ...parameters],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  const ended = once(child, 'close');
  if (!child.stdout) throw new Error('A child without output.');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    line: async () => {
      const next = await lines.next();
      return next.done === true ? null : next.value;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
