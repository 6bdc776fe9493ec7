import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRepository, git } from '@partitura/shared/repositories';
import { workspaces } from './index.ts';

const identity = { name: 'eng-backend', email: 'eng-backend@partitura.invalid' };
const { signal } = new AbortController();
let base = '';
let project = '';

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'partitura-forks-')));
  project = join(base, 'project');
  await createRepository(project, { files: { 'README.md': '# Project\n' }, message: 'Begin', identity });
});
afterEach(() => rm(base, { recursive: true, force: true, maxRetries: 20 }));

const machine = async (name: string) => {
  const spaces = workspaces({ dataDirectory: join(base, name) });
  return { spaces, repository: await spaces.openProjectRepository('p1', project, signal) };
};

const tipOf = async (branch: string): Promise<string> =>
  (await git(['rev-parse', branch], { cwd: project })).stdout.trim();

/** What an attempt of the parent had come to, whose branch was tidied away since. */
const workOfParent = async (): Promise<string> => {
  const { spaces, repository } = await machine('one');
  const branch = 'partitura-task/r1.T1.a1';
  await spaces.createRunBranch(repository, { runBranch: 'partitura/r1', baseBranch: 'main' }, signal);
  const tree = await spaces.openWorktree(
    repository,
    { attemptId: 'r1.T1.a1', branch, from: 'partitura/r1' },
    signal,
  );
  await writeFile(join(tree.path, 'half.txt'), 'half\n');
  const since = tree.baseCommit;
  const made = await spaces.checkpoint(tree, { message: 'Half', identity, since }, signal);
  await spaces.pushAttempt(tree, since, signal);
  await git(['branch', '--quiet', '-D', branch], { cwd: project });
  return made?.commit ?? '';
};

describe('on a machine that has never seen the run that was forked', () => {
  it('begins the branch, and the work tree of an agent, at commits that no branch leads to any more', async () => {
    const commit = await workOfParent();
    const { spaces, repository } = await machine('two');
    const branches = { runBranch: 'partitura/r2', baseBranch: 'main', commit };
    expect(await spaces.createRunBranch(repository, branches, signal)).toEqual({ commit });
    expect(await tipOf('partitura/r2')).toBe(commit);
    const baseCommit = await tipOf('main');
    const attempt = { attemptId: 'r2.T1.a1', branch: 'partitura-task/r2.T1.a1', from: baseCommit };
    const tree = await spaces.openWorktree(repository, { ...attempt, within: 'partitura/r2' }, signal);
    await spaces.restoreWorktree(tree, { commit, baseCommit }, signal);
    expect(await readFile(join(tree.path, 'half.txt'), 'utf8')).toBe('half\n');
  });

  it('leaves a branch where it is that another runner made, and says which commit is gone', async () => {
    const { spaces, repository } = await machine('two');
    const gone = { runBranch: 'partitura/r2', baseBranch: 'main', commit: 'd'.repeat(40) };
    await expect(spaces.createRunBranch(repository, gone, signal)).rejects.toMatchObject({
      code: 'COMMIT_NOT_FOUND',
      message: expect.stringContaining(gone.commit),
    });
    await git(['branch', 'partitura/r2', 'main'], { cwd: project });
    const commit = await tipOf('main');
    expect(await spaces.createRunBranch(repository, gone, signal)).toEqual({ commit });
  });
});
