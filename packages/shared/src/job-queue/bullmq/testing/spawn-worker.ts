import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Recorder, recorder } from '../../../runtime/testing/index.ts';

export interface WorkerProcess {
  /** What it said, line by line. */
  readonly lines: Recorder<string>;
  kill(): Promise<void>;
}

export const spawnWorker = async (url: string, prefix: string, lockMs: number): Promise<WorkerProcess> => {
  const program = fileURLToPath(new URL('worker-process.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, url, prefix, String(lockMs)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = once(child, 'exit');
  const lines = recorder<string>();
  createInterface({ input: child.stdout }).on('line', lines.add);
  await Promise.race([
    lines.reached(1),
    ended.then(() => {
      throw new Error('the worker process ended before it was ready');
    }),
  ]);
  return {
    lines,
    kill: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
};
