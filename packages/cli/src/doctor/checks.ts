import { execFile } from 'node:child_process';
import { access, constants, mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { readDataDirectoryHolder } from '@partitura/shared/event-store';
import type { Configuration } from '@partitura/shared/runtime';

export interface Check {
  readonly name: string;
  /** `attention`: it works, but somebody may want to know. */
  readonly outcome: 'fine' | 'attention' | 'broken';
  readonly detail: string;
  readonly advice: string | null;
}

const fine = (name: string, detail: string): Check => ({ name, outcome: 'fine', detail, advice: null });
const attention = (name: string, detail: string, advice: string | null): Check => ({
  name,
  outcome: 'attention',
  detail,
  advice,
});
const broken = (name: string, detail: string, advice: string): Check => ({
  name,
  outcome: 'broken',
  detail,
  advice,
});

const oldestNode = 24;

export const nodeCheck = (version: string): Check =>
  Number(version.split('.', 1)[0]) >= oldestNode
    ? fine('node', version)
    : broken('node', `${version} is too old`, 'Use the launcher ./partitura, which brings its own.');

const run = promisify(execFile);

export const gitCheck = async (): Promise<Check> => {
  try {
    const { stdout } = await run('git', ['--version']);
    return fine('git', stdout.trim().replace('git version ', ''));
  } catch {
    return broken('git', 'is not installed', 'Install it, for example with: apt install git');
  }
};

export const sandboxCheck = async (mode: Configuration['sandbox']): Promise<Check> => {
  if (mode === 'off')
    return attention(
      'sandbox',
      'off: commands of agents run with your own rights',
      'Set PARTITURA_SANDBOX=required to confine them.',
    );
  const { probeSandbox } = await import('@partitura/standalone');
  const { name, problem, advice } = await probeSandbox(mode);
  return name === null
    ? broken('sandbox', problem ?? 'there is none', advice ?? '')
    : fine('sandbox', `${name} works`);
};

export const modelCheck = async (values: Configuration): Promise<Check> => {
  const { configuredModels } = await import('@partitura/shared/hosting');
  try {
    const directory = configuredModels(values);
    const name = directory.defaultModel();
    directory.resolve(name);
    const providers = directory
      .available()
      .filter(({ configured, variable }) => configured && variable !== null);
    if (!name.startsWith('rehearsal/'))
      return fine('model', `${name} (keys: ${providers.map(({ provider }) => provider).join(', ')})`);
    return attention(
      'model',
      'no key is set, so runs rehearse',
      'Set ANTHROPIC_API_KEY or OPENAI_API_KEY for real runs.',
    );
  } catch (error) {
    const advice = error instanceof Error && 'advice' in error ? String(error.advice) : '';
    return broken('model', error instanceof Error ? error.message : String(error), advice);
  }
};

/** The directory, or the nearest one above it that is there: nothing is made by looking. */
const existing = async (path: string): Promise<string> => {
  const found = await stat(path).catch(() => null);
  return found || dirname(path) === path ? path : existing(dirname(path));
};

export const dataCheck = async (data: string): Promise<Check> => {
  const path = resolve(data);
  const holder = await readDataDirectoryHolder(path);
  const held =
    holder === null ? '' : `, held by process ${holder.pid}${holder.url === null ? '' : ` at ${holder.url}`}`;
  const there = await existing(path);
  try {
    await access(there, constants.W_OK | constants.X_OK);
    const probe = await mkdtemp(join(there, '.partitura-doctor-'));
    await rm(probe, { recursive: true });
    return fine('data', `${path}${there === path ? '' : ' (will be made)'}${held}`);
  } catch {
    return broken(
      'data',
      `${path} cannot be written`,
      'Give yourself the right to write there, or name another with --data.',
    );
  }
};

const enoughBytes = 1024 ** 3;

export const diskCheck = async (data: string): Promise<Check> => {
  const { bavail, bsize } = await statfs(await existing(resolve(data)));
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GiB free`;
  return free >= enoughBytes
    ? fine('disk', detail)
    : attention('disk', detail, 'A run keeps clones, work trees and its log: make room.');
};

export const portCheck = async ({ host, port }: Configuration, serverUrl: string | null): Promise<Check> => {
  const address = `${host}:${port}`;
  if (serverUrl !== null) return fine('server', `runs at ${serverUrl}`);
  const problem = await new Promise<NodeJS.ErrnoException | null>((settle) => {
    const server = createServer();
    server.once('error', settle);
    server.listen({ host, port }, () => server.close(() => settle(null)));
  });
  if (problem === null) return fine('port', `${address} is free`);
  return problem.code === 'EADDRINUSE'
    ? attention(
        'port',
        `${address} is taken by another program`,
        'Name another with --port or PARTITURA_PORT; commands without a server take a free one.',
      )
    : broken(
        'port',
        `${address}: ${problem.message}`,
        'Set PARTITURA_HOST and PARTITURA_PORT to an address of this machine.',
      );
};
