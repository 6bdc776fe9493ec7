import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface HostProcess {
  /** The next thing it says; null at its end. */
  next(): Promise<Said | null>;
  /** `kill -9`, or nothing when it has ended; resolves when it is gone. */
  kill(): Promise<void>;
  /** What it wrote to its standard error. */
  errors(): string;
}

export type Said =
  | { readonly kind: 'up'; readonly url: string }
  | { readonly kind: 'run'; readonly runId: string }
  | { readonly kind: 'event'; readonly position: string; readonly type: string }
  | { readonly kind: 'ended'; readonly status: string };

export interface HostOptions {
  readonly data: string;
  readonly repository: string;
  readonly prdFile: string;
  readonly environment: Readonly<Record<string, string>>;
}

const read = (line: string): Said => {
  const [kind = '', first = '', second = ''] = line.split(' ');
  switch (kind) {
    case 'up':
      return { kind, url: first };
    case 'run':
      return { kind, runId: first };
    case 'event':
      return { kind, position: first, type: second };
    case 'ended':
      return { kind, status: first };
    default:
      throw new Error(`The host says ${JSON.stringify(line)}.`);
  }
};

/** Nothing of the tests' own environment configures the host. Compiled code is kept between starts, as the launcher does. */
const inherited = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => ['PATH', 'HOME', 'TMPDIR', 'LANG'].includes(name)),
  ),
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../../../node_modules/.cache/node-compile', import.meta.url)),
};

/** Starts `host.ts` on the same Node. */
export const startHost = ({ data, repository, prdFile, environment }: HostOptions): HostProcess => {
  const script = fileURLToPath(new URL('host.ts', import.meta.url));
  const child: ChildProcess = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, data, repository, prdFile],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...inherited, ...environment } },
  );
  const ended = once(child, 'close');
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString('utf8');
  });
  if (!child.stdout) throw new Error('A child without output.');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    next: async () => {
      const line = await lines.next();
      return line.done === true ? null : read(line.value);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    errors: () => errors,
  };
};
