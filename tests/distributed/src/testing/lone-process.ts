import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from './service-process.ts';

/** A service as its users start it, that is not expected to come up, or not soon. */
export interface LoneProcess {
  readonly service: ServiceName;
  /** Its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** All that it wrote so far. */
  said(): string;
  /** @throws {Error} when it ends before */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Where it listens, once it does. */
  url(): Promise<string>;
  /** Processor time that it took so far, in ms. */
  processorTime(): number;
  stop(): Promise<void>;
}

/** The kernel's unit in /proc, on every Linux there is. */
const msPerTick = 10;

const main = (service: ServiceName): string =>
  fileURLToPath(new URL(`../../../../services/${service}/src/main.ts`, import.meta.url));

export const startLoneProcess = async (
  service: ServiceName,
  environment: Readonly<Record<string, string>>,
): Promise<LoneProcess> => {
  const directory = await mkdtemp(join(tmpdir(), 'partitura-alone-'));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main(service)], {
    cwd: directory,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: directory,
      PARTITURA_PORT: '0',
      PARTITURA_DATA: directory,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  // Not `exit`: what it said last may come after that.
  const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null));

  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(text);
      if (found) return found;
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`${service} ended before it said ${pattern}:\n${text}`);
      await Promise.race([once(child.stderr, 'data'), ended]);
    }
  };

  return {
    service,
    ended,
    said: () => text,
    until,
    url: async () => (await until(/"url":"([^"]+)"[^\n]*"msg":"listening"/))[1] ?? '',
    processorTime: () => processorTimeOf(child),
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true, force: true, maxRetries: 10 });
    },
  };
};

/** Of one that has ended: none. */
const processorTimeOf = ({ pid, exitCode }: ChildProcess): number => {
  if (exitCode !== null) return 0;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
};
