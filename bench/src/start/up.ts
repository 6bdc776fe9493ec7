import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environment, root } from '../child-process.ts';
import { freePort } from './free-port.ts';

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url)).status === 200;
  } catch {
    return false;
  }
};

const lagIn = (metrics: string): number =>
  metrics
    .split('\n')
    .filter((line) => line.startsWith('partitura_processor_lag_events{'))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);

/** Every processor has handled what is in the log. */
const caughtUp = async (url: string): Promise<void> => {
  while (lagIn(await (await fetch(`${url}/metrics`)).text()) > 0) await sleep(100);
  // Read models are waited for by whoever asks them.
  await fetch(`${url}/api/v1/projects`);
};

const mostMs = 60_000;

/**
 * Milliseconds from the start of the launcher, a shell script, until `/health/ready` says yes.
 * @param settle wait, after the measurement, until everything in the log was handled
 */
export const timeToReady = async (data: string, settle: boolean): Promise<number> => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const begun = performance.now();
  const server = spawn(join(root, 'partitura'), ['up', '--data', data, '--port', String(port)], {
    env: environment,
    stdio: 'ignore',
  });
  const exited = once(server, 'exit');
  try {
    while (!(await answers(`${url}/health/ready`))) {
      if (server.exitCode !== null || performance.now() - begun > mostMs)
        throw new Error(`partitura up on ${data} did not become ready.`);
      await sleep(2);
    }
    const duration = performance.now() - begun;
    if (settle) await caughtUp(url);
    return duration;
  } finally {
    server.kill('SIGTERM');
    await exited;
  }
};
