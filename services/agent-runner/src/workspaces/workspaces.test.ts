import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRepository, git } from '@partitura/shared/repositories';
import type { ProjectRepository, Worktree } from './index.ts';
import { workspaces } from './index.ts';

const identity = { name: 'eng-backend', email: 'eng-backend@partitura.invalid' };
const { signal } = new AbortController();
const runBranch = 'partitura/r1';
let base = '';
let project = '';
let spaces = workspaces({ dataDirectory: '' });
let repository: ProjectRepository = { projectId: '', url: '', path: '' };

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'partitura-workspaces-')));
  project = join(base, 'project');
  await createRepository(project, { files: { 'README.md': '# Project\n' }, message: 'Begin', identity });
  spaces = workspaces({ dataDirectory: join(base, 'data') });
  repository = await spaces.openProjectRepository('p1', project, signal);
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true, maxRetries: 20 });
});

const at = async (cwd: string, revision: string): Promise<string> =>
  (await git(['rev-parse', revision], { cwd })).stdout.trim();

const openAttempt = async (attemptId = 'r1.T1.a1', from = runBranch): Promise<Worktree> =>
  await spaces.openWorktree(repository, { attemptId, branch: `partitura-task/${attemptId}`, from }, signal);

const commitFile = async (worktree: Worktree, path: string, content: string, since = worktree.baseCommit) => {
  await writeFile(join(worktree.path, path), content);
  return await spaces.checkpoint(worktree, { message: `Write ${path}`, identity, since }, signal);
};

const prepared = async (attemptId?: string): Promise<Worktree> => {
  await spaces.createRunBranch(repository, { runBranch, baseBranch: 'main' }, signal);
  return await openAttempt(attemptId);
};

/** What a killed process leaves: the same directory, nothing in memory. */
const afterCrash = async (): Promise<void> => {
  spaces = workspaces({ dataDirectory: join(base, 'data') });
  repository = await spaces.openProjectRepository('p1', project, signal);
};

describe('the project’s clone', () => {
  it('is made once, however many open it at once', async () => {
    const opened = await Promise.all(
      Array.from({ length: 20 }, () => spaces.openProjectRepository('p2', project, signal)),
    );
    expect(new Set(opened.map((one) => one.path)).size).toBe(1);
    expect((await readdir(join(base, 'data/repositories'))).sort()).toEqual(['p1.git', 'p2.git']);
  });

  it('refuses a project id that is a path', async () => {
    await expect(spaces.openProjectRepository('../evil', project, signal)).rejects.toMatchObject({
      code: 'WORKTREE_NAME_INVALID',
    });
  });

  it('reports a repository that is gone, and a base branch that is not there', async () => {
    const gone = await spaces.openProjectRepository('p3', join(base, 'gone'), signal);
    await expect(
      spaces.createRunBranch(gone, { runBranch, baseBranch: 'main' }, signal),
    ).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
    await expect(
      spaces.createRunBranch(repository, { runBranch, baseBranch: 'trunk' }, signal),
    ).rejects.toMatchObject({ code: 'BASE_BRANCH_NOT_FOUND' });
  });
});

describe('the run’s branch', () => {
  it('is made at the base and pushed, once', async () => {
    const made = await Promise.all(
      Array.from({ length: 5 }, () =>
        spaces.createRunBranch(repository, { runBranch, baseBranch: 'main' }, signal),
      ),
    );
    expect(new Set(made.map((one) => one.commit))).toEqual(new Set([await at(project, 'main')]));
    expect(await at(project, runBranch)).toBe(made[0]?.commit);
  });

  it('stays where it is when the base moves on', async () => {
    const first = await spaces.createRunBranch(repository, { runBranch, baseBranch: 'main' }, signal);
    await git(['commit', '--quiet', '--allow-empty', '-m', 'more'], { cwd: project, identity });
    expect(await spaces.createRunBranch(repository, { runBranch, baseBranch: 'main' }, signal)).toEqual(
      first,
    );
  });

  it('is found by another machine', async () => {
    const first = await spaces.createRunBranch(repository, { runBranch, baseBranch: 'main' }, signal);
    const other = workspaces({ dataDirectory: join(base, 'other') });
    const clone = await other.openProjectRepository('p1', project, signal);
    await git(['commit', '--quiet', '--allow-empty', '-m', 'more'], { cwd: project, identity });
    expect(await other.createRunBranch(clone, { runBranch, baseBranch: 'main' }, signal)).toEqual(first);
  });
});

describe('a work tree', () => {
  it('stands at the run’s branch, on its own branch, outside of the project', async () => {
    const worktree = await prepared();
    expect(worktree.path.startsWith(join(base, 'data/worktrees'))).toBe(true);
    expect(await readFile(join(worktree.path, 'README.md'), 'utf8')).toBe('# Project\n');
    expect(await at(worktree.path, 'HEAD')).toBe(worktree.baseCommit);
    expect((await git(['symbolic-ref', 'HEAD'], { cwd: worktree.path })).stdout.trim()).toBe(
      'refs/heads/partitura-task/r1.T1.a1',
    );
  });

  it('is opened many times side by side, each attempt its own', async () => {
    await prepared();
    const opened = await Promise.all(Array.from({ length: 8 }, (_, index) => openAttempt(`r1.T${index}.a1`)));
    expect(new Set(opened.map((one) => one.path)).size).toBe(8);
    const commits = await Promise.all(opened.map((one, index) => commitFile(one, `f${index}.txt`, 'x\n')));
    expect(new Set(commits.map((one) => one?.commit)).size).toBe(8);
  });

  it('is as the attempt left it when the attempt is taken up again', async () => {
    const worktree = await prepared();
    await commitFile(worktree, 'a.txt', 'a\n');
    await writeFile(join(worktree.path, 'b.txt'), 'not committed');
    await afterCrash();
    expect(await openAttempt()).toEqual(worktree);
    expect(await readFile(join(worktree.path, 'b.txt'), 'utf8')).toBe('not committed');
  });

  it('goes on from its pushed checkpoints on another machine', async () => {
    const worktree = await prepared();
    const checkpoint = await commitFile(worktree, 'a.txt', 'a\n');
    await spaces.pushBranch(repository, worktree.branch, signal);
    const other = workspaces({ dataDirectory: join(base, 'other') });
    const clone = await other.openProjectRepository('p1', project, signal);
    const there = await other.openWorktree(
      clone,
      { attemptId: 'r1.T1.a1', branch: worktree.branch, from: runBranch },
      signal,
    );
    expect(await other.head(there, signal)).toBe(checkpoint?.commit);
    expect(there.baseCommit).toBe(worktree.baseCommit);
  });

  it('is made anew when a crash left it half-made, at any stage', async () => {
    const worktree = await prepared();
    const partial: readonly (() => Promise<void>)[] = [
      () => rm(join(worktree.gitDirectory, 'partitura.json')),
      async () => {
        await rm(join(worktree.gitDirectory, 'partitura.json'));
        await rm(join(worktree.path, '.git'));
        await rm(join(worktree.gitDirectory, 'index'));
      },
      async () => {
        await rm(join(worktree.gitDirectory, 'partitura.json'));
        await rm(worktree.path, { recursive: true });
        await writeFile(join(worktree.gitDirectory, 'locked'), 'initializing');
      },
      () => rm(worktree.path, { recursive: true }),
      () => writeFile(join(worktree.gitDirectory, 'partitura.json'), '{"att'),
    ];
    for (const damage of partial) {
      await damage();
      await afterCrash();
      expect(await openAttempt()).toEqual(worktree);
      expect(await readFile(join(worktree.path, 'README.md'), 'utf8')).toBe('# Project\n');
      expect((await git(['status', '--porcelain'], { cwd: worktree.path })).stdout).toBe('');
    }
  });

  it('keeps committed work when its files are gone', async () => {
    const worktree = await prepared();
    await commitFile(worktree, 'a.txt', 'a\n');
    await rm(worktree.path, { recursive: true });
    await afterCrash();
    expect(await openAttempt()).toEqual(worktree);
    expect(await readFile(join(worktree.path, 'a.txt'), 'utf8')).toBe('a\n');
  });

  it('keeps files whose clone was deleted', async () => {
    const worktree = await prepared();
    await writeFile(join(worktree.path, 'precious.txt'), 'x');
    await rm(repository.path, { recursive: true });
    await afterCrash();
    await openAttempt();
    expect(await readFile(join(`${worktree.path}.orphan-1`, 'precious.txt'), 'utf8')).toBe('x');
  });
});

describe('a checkpoint', () => {
  it('commits all there is by the agent, and counts it', async () => {
    const worktree = await prepared();
    await writeFile(join(worktree.path, 'README.md'), '# Other\n');
    const made = await commitFile(worktree, 'a.txt', 'a\nb\n');
    expect(made).toMatchObject({ filesChanged: 2, insertions: 3, deletions: 1 });
    const { stdout } = await git(['log', '-1', '--format=%an <%ae> %cn %s'], { cwd: worktree.path });
    expect(stdout.trim()).toBe('eng-backend <eng-backend@partitura.invalid> eng-backend Write a.txt');
  });

  it('is null when nothing changed, and is found again when nobody recorded it', async () => {
    const worktree = await prepared();
    const details = { message: 'Nothing', identity, since: worktree.baseCommit };
    expect(await spaces.checkpoint(worktree, details, signal)).toBeNull();
    const made = await commitFile(worktree, 'a.txt', 'a\n');
    expect(await spaces.checkpoint(worktree, details, signal)).toEqual(made);
    expect(await spaces.checkpoint(worktree, { ...details, since: made?.commit ?? '' }, signal)).toBeNull();
  });

  it('leaves out what package managers and caches make', async () => {
    const worktree = await prepared();
    await mkdir(join(worktree.path, 'node_modules/x'), { recursive: true });
    await writeFile(join(worktree.path, 'node_modules/x/index.js'), 'x');
    expect(await commitFile(worktree, 'a.txt', 'a\n')).toMatchObject({ filesChanged: 1 });
  });

  it('goes on after a git process was killed over its lock', async () => {
    const worktree = await prepared();
    await writeFile(join(worktree.gitDirectory, 'index.lock'), '');
    await writeFile(join(worktree.gitDirectory, 'HEAD.lock'), '');
    await mkdir(join(repository.path, 'refs/heads/partitura-task'), { recursive: true });
    await writeFile(join(repository.path, `refs/heads/${worktree.branch}.lock`), '');
    expect(await commitFile(worktree, 'a.txt', 'a\n')).toMatchObject({ filesChanged: 1 });
  });

  it('leaves the lock of a git process that lives', async () => {
    const worktree = await prepared();
    await writeFile(join(worktree.gitDirectory, 'index.lock'), '');
    const living = new AbortController();
    const busy = git(['-c', 'alias.wait=!sleep 60', 'wait'], {
      gitDirectory: worktree.gitDirectory,
      cwd: worktree.path,
      signal: living.signal,
    });
    await expect(commitFile(worktree, 'a.txt', 'a\n')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    living.abort(new Error('done'));
    await expect(busy).rejects.toThrow('done');
    expect(await commitFile(worktree, 'a.txt', 'a\n')).toMatchObject({ filesChanged: 1 });
  });

  it('keeps the files of a repository that the agent made inside', async () => {
    const worktree = await prepared();
    const nested = join(worktree.path, 'app');
    await createRepository(nested, { files: { 'main.txt': 'x\n' }, message: 'Nested', identity });
    await git(['init', '--quiet', '--', join(worktree.path, 'unborn')]);
    await writeFile(join(worktree.path, 'unborn/file.txt'), 'x\n');
    await commitFile(worktree, 'a.txt', 'a\n');
    const { stdout } = await git(['ls-tree', '-r', '--name-only', 'HEAD'], { cwd: worktree.path });
    expect(stdout.trim().split('\n')).toEqual(['README.md', 'a.txt', 'app/main.txt', 'unborn/file.txt']);
  });

  it('runs nothing that the agent put in git’s way', async () => {
    const worktree = await prepared();
    const canary = join(base, 'canary');
    const evil = join(worktree.path, 'evil');
    await createRepository(evil, { files: {}, message: 'Evil', identity });
    for (const hook of ['pre-commit', 'post-commit', 'post-checkout', 'pre-push', 'post-index-change']) {
      await mkdir(join(evil, '.git/hooks'), { recursive: true });
      await writeFile(join(evil, '.git/hooks', hook), `#!/bin/sh\ntouch ${canary}\n`);
      await chmod(join(evil, '.git/hooks', hook), 0o755);
    }
    await git(['config', 'core.fsmonitor', `touch ${canary}; false`], { cwd: evil });
    await git(['config', 'filter.x.clean', `touch ${canary}; cat`], { cwd: evil });
    await writeFile(join(worktree.path, '.gitattributes'), '* filter=x diff=x\n');
    await rm(join(worktree.path, '.git'));
    await symlink(join(evil, '.git'), join(worktree.path, '.git'));
    await commitFile(worktree, 'a.txt', 'a\n');
    await spaces.diff(worktree, { maxBytes: 10_000 }, signal);
    await spaces.pushBranch(repository, worktree.branch, signal);
    await expect(stat(canary)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await at(project, worktree.branch)).toBe(await spaces.head(worktree, signal));
    await openAttempt();
    expect(await readFile(join(worktree.path, '.git'), 'utf8')).toContain(worktree.gitDirectory);
  });
});

describe('the diff', () => {
  it('shows committed, changed and new files, cut when too long', async () => {
    const worktree = await prepared();
    await commitFile(worktree, 'a.txt', 'a\n');
    await writeFile(join(worktree.path, 'ä b.txt'), 'new\n');
    const whole = await spaces.diff(worktree, { maxBytes: 10_000 }, signal);
    expect(whole.files).toEqual(['a.txt', 'ä b.txt']);
    expect(whole.text).toContain('+new');
    expect(whole.truncated).toBe(false);
    expect(await spaces.diff(worktree, { maxBytes: 20 }, signal)).toMatchObject({ truncated: true });
  });
});

describe('pushing', () => {
  it('never overwrites what somebody else pushed', async () => {
    const worktree = await prepared();
    await commitFile(worktree, 'a.txt', 'a\n');
    await spaces.pushBranch(repository, worktree.branch, signal);
    const foreign = await git(['commit-tree', '-m', 'foreign', 'main^{tree}'], { cwd: project, identity });
    await git(['update-ref', `refs/heads/${worktree.branch}`, foreign.stdout.trim()], { cwd: project });
    await commitFile(worktree, 'b.txt', 'b\n');
    await expect(spaces.pushBranch(repository, worktree.branch, signal)).rejects.toMatchObject({
      code: 'PUSH_REJECTED',
    });
    expect(await at(project, worktree.branch)).toBe(foreign.stdout.trim());
  });

  it('says so when the branch is checked out over there', async () => {
    const worktree = await prepared();
    await commitFile(worktree, 'a.txt', 'a\n');
    await git(['checkout', '--quiet', '-b', worktree.branch], { cwd: project });
    await expect(spaces.pushBranch(repository, worktree.branch, signal)).rejects.toMatchObject({
      code: 'BRANCH_CHECKED_OUT',
    });
  });
});

describe('removing a work tree', () => {
  it('is refused while anything in it is nowhere else', async () => {
    const worktree = await prepared();
    await writeFile(join(worktree.path, 'a.txt'), 'x');
    await expect(spaces.removeWorktree(worktree, signal)).rejects.toMatchObject({
      code: 'WORKTREE_HAS_UNMERGED_WORK',
    });
    await commitFile(worktree, 'a.txt', 'a\n');
    await expect(spaces.removeWorktree(worktree, signal)).rejects.toMatchObject({
      code: 'WORKTREE_HAS_UNMERGED_WORK',
    });
    await spaces.pushBranch(repository, worktree.branch, signal);
    await spaces.removeWorktree(worktree, signal);
    await expect(stat(worktree.path)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await at(repository.path, worktree.branch)).toBe(await at(project, worktree.branch));
  });

  it('collects leftovers: never what is held, alive, or has work of its own', async () => {
    const held = await prepared('r1.T1.a1');
    const alive = await openAttempt('r1.T2.a1');
    const working = await openAttempt('r1.T3.a1');
    await openAttempt('r1.T4.a1');
    const half = await openAttempt('r1.T5.a1');
    await afterCrash();
    await openAttempt(held.attemptId);
    await writeFile(join(working.path, 'a.txt'), 'x');
    await rm(join(half.gitDirectory, 'partitura.json'));
    const collected = await spaces.collectLeftovers(
      repository,
      (attempt) => attempt === alive.attemptId,
      signal,
    );
    expect(collected).toEqual({ removed: ['r1.T4.a1', 'r1.T5.a1'], kept: ['r1.T3.a1'] });
    expect((await readdir(join(base, 'data/worktrees'))).sort()).toEqual([
      'r1.T1.a1',
      'r1.T2.a1',
      'r1.T3.a1',
    ]);
    expect(await openAttempt('r1.T4.a1')).toMatchObject({ attemptId: 'r1.T4.a1' });
  });
});
