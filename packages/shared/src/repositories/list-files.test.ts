import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRepository } from './create.ts';
import { listRepositoryFiles } from './list-files.ts';

const { signal } = new AbortController();
const files = { 'README.md': '#', 'src/ä ö.js': '1' };
let directory = '';
let url = '';
let stopServing: () => Promise<void> = async () => undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-files-'));
  url = join(directory, 'repository');
  await createRepository(url, {
    files,
    message: 'Begin',
    identity: { name: 'Test', email: 'test@localhost' },
  });
});
afterEach(async () => {
  await stopServing();
  stopServing = async () => undefined;
  await rm(directory, { recursive: true });
});

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

/** The repository at a URL, as on another machine. */
const serve = async (): Promise<string> => {
  const port = await freePort();
  const args = [
    'daemon',
    '--export-all',
    '--reuseaddr',
    '--listen=127.0.0.1',
    `--port=${port}`,
    `--base-path=${directory}`,
  ];
  const daemon = spawn('git', args, { stdio: 'ignore', detached: true });
  const ended = new Promise((resolve) => daemon.once('close', resolve));
  stopServing = async () => {
    if (daemon.pid !== undefined && daemon.exitCode === null) process.kill(-daemon.pid, 'SIGKILL');
    await ended;
  };
  while (!(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 10));
  return `git://127.0.0.1:${port}/repository`;
};

describe('the files of a repository', () => {
  it('are listed from its base branch, whatever they are called', async () => {
    expect(await listRepositoryFiles({ url, baseBranch: 'main' }, signal)).toEqual(Object.keys(files));
    await expect(listRepositoryFiles({ url, baseBranch: 'none' }, signal)).rejects.toMatchObject({
      code: 'GIT_FAILED',
    });
  });

  it('are listed of a repository elsewhere, too', async () => {
    const remote = await serve();
    expect(await listRepositoryFiles({ url: remote, baseBranch: 'main' }, signal)).toEqual(
      Object.keys(files),
    );
  });

  it('are not to be had of one that cannot be reached from here, and it says so', async () => {
    const nowhere = { url: `git://127.0.0.1:${await freePort()}/repository`, baseBranch: 'main' };
    await expect(listRepositoryFiles(nowhere, signal)).rejects.toMatchObject({
      code: 'REPOSITORY_UNREACHABLE',
    });
  });
});
