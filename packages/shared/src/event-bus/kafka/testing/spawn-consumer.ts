import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Recorder, recorder } from '../../../runtime/testing/index.ts';

export interface ConsumerProcess {
  /** What it said: `ready`, and a label for each event. */
  readonly lines: Recorder<string>;
  kill(): Promise<void>;
}

export const spawnConsumer = async (url: string, group: string): Promise<ConsumerProcess> => {
  const program = fileURLToPath(new URL('consumer-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', program, url, group], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = recorder<string>();
  createInterface({ input: child.stdout }).on('line', lines.add);
  const isReady = async () => {
    while (!lines.items.includes('ready')) await lines.reached(lines.items.length + 1);
  };
  const failed = ended.then(() => {
    throw new Error('the consumer process ended before it was ready');
  });
  await Promise.race([isReady(), failed]);
  // From here on its end is expected.
  failed.catch(() => {});
  return {
    lines,
    kill: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
};
