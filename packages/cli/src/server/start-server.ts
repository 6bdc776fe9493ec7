import { spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readDataDirectoryHolder } from '@partitura/shared/event-store';
import { type LoadedConfiguration, PartituraError } from '@partitura/shared/runtime';

const patienceMs = 30_000;
const lookMs = 50;

/**
 * Starts `partitura up` on the data directory as a process of its own, and waits until it says where it serves.
 * @throws {PartituraError} `SERVER_NOT_STARTED`, with what it said
 */
export const startServer = async ({ values, origins }: LoadedConfiguration): Promise<string> => {
  const data = resolve(values.data);
  await mkdir(data, { recursive: true, mode: 0o700 });
  const logPath = join(data, 'server.log');
  const log = await open(logPath, 'a', 0o600);
  // The usual port may be taken by the server of another directory; then any will do, as the directory says which.
  const port = origins.port === 'default' ? '0' : String(values.port);
  const main = new URL('../main.ts', import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    [...process.execArgv, main, 'up', '--data', data, '--host', values.host, '--port', port],
    { detached: true, stdio: ['ignore', log.fd, log.fd] },
  );
  child.unref();
  await log.close();
  const gone = new Promise<void>((ended) => child.once('exit', () => ended()));
  let running = true;
  void gone.then(() => {
    running = false;
  });
  for (let waited = 0; running && waited < patienceMs; waited += lookMs) {
    const holder = await readDataDirectoryHolder(data);
    if (holder?.url && holder.pid === child.pid) return holder.url;
    await sleep(lookMs);
  }
  const said = await readFile(logPath, 'utf8').catch(() => '');
  throw new PartituraError(
    'SERVER_NOT_STARTED',
    `The server did not start: ${said.trim().split('\n').at(-1) ?? 'it said nothing'}`,
    {
      advice: `See ${logPath}, or start it with: partitura up`,
    },
  );
};
