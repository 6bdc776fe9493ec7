import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Recorder, recorder } from '@partitura/shared/runtime/testing';

/** Where it kills itself: after reading a page, while publishing it, after it, after its checkpoint. */
export type CrashPoint = 'read' | 'publishing' | 'published' | 'checkpoint';

export interface RelayProcess {
  /** `ready`, `active`, `standby`, `published <count>`. */
  readonly lines: Recorder<string>;
  readonly ended: Promise<unknown>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when it has said this. */
  said(line: RegExp): Promise<void>;
}

export const spawnRelay = (
  storeUrl: string,
  busUrl: string,
  crash?: { readonly at: CrashPoint; readonly afterPages: number },
): RelayProcess => {
  const program = fileURLToPath(new URL('relay-process.ts', import.meta.url));
  const crashing = crash ? [crash.at, String(crash.afterPages)] : [];
  const child = spawn(process.execPath, ['--no-warnings', program, storeUrl, busUrl, ...crashing], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = recorder<string>();
  createInterface({ input: child.stdout }).on('line', lines.add);
  return {
    lines,
    ended: once(child, 'exit'),
    signal: (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    },
    said: async (line) => {
      while (!lines.items.some((item) => line.test(item))) await lines.reached(lines.items.length + 1);
    },
  };
};
