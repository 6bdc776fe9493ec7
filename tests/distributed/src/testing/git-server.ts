import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createRepository, git } from '@partitura/shared/repositories';
import { freePort, startProgram } from '../../../../infra/native/program.ts';

/** Repositories that are reached by URL only, as from another machine: git's own daemon, on loopback. */
export interface GitServer {
  /** A bare repository with one commit. */
  create(name: string): Promise<{ readonly url: string; readonly path: string }>;
  /** Of one that was created. */
  path(name: string): string;
  stop(): Promise<void>;
}

export const startGitServer = async (directory: string): Promise<GitServer> => {
  await mkdir(directory, { recursive: true });
  const port = await freePort();
  const { stdout: programs } = await git(['--exec-path'], { signal: AbortSignal.timeout(10_000) });
  const running = await startProgram({
    name: 'git daemon',
    // Not `git daemon`: that starts this one, which goes on when only the first is killed with the tests.
    command: join(programs.trim(), 'git-daemon'),
    arguments: [
      '--reuseaddr',
      '--export-all',
      '--enable=receive-pack',
      `--base-path=${directory}`,
      '--listen=127.0.0.1',
      `--port=${port}`,
      directory,
    ],
    directory,
    isReady: () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', resolve);
        socket.once('error', reject);
        socket.unref();
        socket.end();
      }),
  });
  const pathOf = (name: string): string => join(directory, `${name}.git`);
  return {
    path: pathOf,
    create: async (name) => {
      const path = pathOf(name);
      const draft = await mkdtemp(join(directory, '.draft-'));
      await createRepository(join(draft, 'repository'), {
        files: { 'README.md': '# A project\n' },
        message: 'Begin',
        identity: { name: 'A person', email: 'person@example.com' },
      });
      await git(['clone', '--quiet', '--bare', '--', join(draft, 'repository'), path], {
        signal: AbortSignal.timeout(30_000),
      });
      await rm(draft, { recursive: true });
      return { url: `git://127.0.0.1:${port}/${name}.git`, path };
    },
    stop: () => running.stop(),
  };
};
