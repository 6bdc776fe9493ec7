import { mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRepository, git } from '@partitura/shared/repositories';
import { type ProjectRepository, type Worktree, workspaces } from '../workspaces/index.ts';
import { branchMerging } from './git-merge.ts';
import type { BranchMerge, MergeRequest } from './git-merge-port.ts';

const identity = { name: 'partitura', email: 'partitura@partitura.invalid' };
const { signal } = new AbortController();
const runBranch = 'partitura/r1';
let base = '';
let project = '';
let spaces = workspaces({ dataDirectory: '' });
let merging = branchMerging(spaces.internals);
let repository: ProjectRepository = { projectId: '', url: '', path: '' };

const restart = async (data = 'data'): Promise<void> => {
  spaces = workspaces({ dataDirectory: join(base, data) });
  merging = branchMerging(spaces.internals);
  repository = await spaces.openProjectRepository('p1', project, signal);
};

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'partitura-merging-')));
  project = join(base, 'project');
  await createRepository(project, { files: { 'README.md': '# Project\n' }, message: 'Begin', identity });
  await restart();
  await spaces.createRunBranch(repository, { runBranch, baseBranch: 'main' }, signal);
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true, maxRetries: 20 });
});

const at = async (cwd: string, revision: string): Promise<string> =>
  (await git(['rev-parse', revision], { cwd })).stdout.trim();

const finished = async (
  task: string,
  file: string,
  content: string,
): Promise<{ worktree: Worktree; request: MergeRequest }> => {
  const branch = `partitura-task/r1.${task}.a1`;
  const worktree = await spaces.openWorktree(
    repository,
    { attemptId: `r1.${task}.a1`, branch, from: runBranch },
    signal,
  );
  await writeFile(join(worktree.path, file), content);
  const made = await spaces.checkpoint(
    worktree,
    { message: task, identity, since: worktree.baseCommit },
    signal,
  );
  const request = {
    repository,
    runId: 'r1',
    runBranch,
    branch,
    commit: made?.commit ?? '',
    message: `Merge ${task}`,
    identity,
  };
  return { worktree, request };
};

const mergedBy = (merge: BranchMerge): Extract<BranchMerge, { outcome: 'merged' }> => {
  if (merge.outcome !== 'merged') throw new Error(`expected a merge, not ${JSON.stringify(merge)}`);
  return merge;
};

const land = async (request: MergeRequest): Promise<string> => {
  const merge = mergedBy(await merging.mergeBranch(request, signal));
  await merging.accept(request, merge, signal);
  return merge.commit;
};

describe('merging a finished branch', () => {
  it('makes a merge commit, and moves the run’s branch only once it is accepted', async () => {
    const { request } = await finished('T1', 'a.txt', 'a\n');
    const before = await at(project, runBranch);
    const merge = mergedBy(await merging.mergeBranch(request, signal));
    expect(await readdir(merge.worktree.path)).toContain('a.txt');
    expect(await at(project, runBranch)).toBe(before);
    expect(await at(repository.path, runBranch)).toBe(before);
    await merging.accept(request, merge, signal);
    expect(await at(project, runBranch)).toBe(merge.commit);
    expect(await at(repository.path, runBranch)).toBe(merge.commit);
    const { stdout } = await git(['log', '-1', '--format=%P %s', runBranch], { cwd: project });
    expect(stdout.trim()).toBe(`${before} ${request.commit} Merge T1`);
  });

  it('leaves the run’s branch as it was when the checks fail', async () => {
    const { request } = await finished('T1', 'a.txt', 'a\n');
    const before = await at(project, runBranch);
    const merge = mergedBy(await merging.mergeBranch(request, signal));
    await writeFile(join(merge.worktree.path, 'left-by-checks.txt'), 'x');
    await merging.reject(request, merge, signal);
    expect(await at(project, runBranch)).toBe(before);
    expect(await readdir(merge.worktree.path)).toEqual(['.git', 'README.md']);
    const next = await finished('T2', 'b.txt', 'b\n');
    await land(next.request);
    expect((await git(['ls-tree', '--name-only', runBranch], { cwd: project })).stdout).toBe(
      'README.md\nb.txt\n',
    );
  });

  it('names the files in conflict, of every kind, and keeps nothing of the try', async () => {
    const one = await finished('T1', 'README.md', '# One\n');
    const two = await finished('T2', 'README.md', '# Two\n');
    const three = await finished('T3', 'c.txt', 'c\n');
    await rm(join(three.worktree.path, 'README.md'));
    const removed = await spaces.checkpoint(
      three.worktree,
      { message: 'T3', identity, since: three.request.commit },
      signal,
    );
    await land(one.request);
    const conflicted = { outcome: 'conflicted', files: ['README.md'] };
    expect(await merging.mergeBranch(two.request, signal)).toEqual(conflicted);
    expect(await merging.mergeBranch({ ...three.request, commit: removed?.commit ?? '' }, signal)).toEqual(
      conflicted,
    );
    await land((await finished('T4', 'd.txt', 'd\n')).request);
  });

  it('knows a merge that a crash kept from being recorded', async () => {
    const one = await finished('T1', 'a.txt', 'a\n');
    const landed = await land(one.request);
    await land((await finished('T2', 'b.txt', 'b\n')).request);
    await restart();
    expect(await merging.mergeBranch({ ...one.request, repository }, signal)).toEqual({
      outcome: 'already_merged',
      commit: landed,
    });
  });

  it('finds a push whose clone did not hear of it any more', async () => {
    const one = await finished('T1', 'a.txt', 'a\n');
    const before = await at(repository.path, runBranch);
    const landed = await land(one.request);
    await git(['update-ref', `refs/heads/${runBranch}`, before], { gitDirectory: repository.path });
    await restart();
    expect(await merging.mergeBranch({ ...one.request, repository }, signal)).toEqual({
      outcome: 'already_merged',
      commit: landed,
    });
    expect(await at(repository.path, runBranch)).toBe(landed);
  });

  it('starts over after a crash between merge and acceptance', async () => {
    const { request } = await finished('T1', 'a.txt', 'a\n');
    const before = await at(project, runBranch);
    const lost = mergedBy(await merging.mergeBranch(request, signal));
    await writeFile(join(lost.worktree.gitDirectory, 'index.lock'), '');
    await writeFile(join(lost.worktree.path, 'half.txt'), 'x');
    await restart();
    const merge = mergedBy(await merging.mergeBranch({ ...request, repository }, signal));
    expect(merge.previous).toBe(before);
    expect(await readdir(merge.worktree.path)).toEqual(['.git', 'README.md', 'a.txt']);
  });

  it('merges what another machine pushed', async () => {
    const { request } = await finished('T1', 'a.txt', 'a\n');
    await spaces.pushBranch(repository, request.branch, signal);
    await restart('other');
    await land({ ...request, repository });
    expect((await git(['show', `${runBranch}:a.txt`], { cwd: project })).stdout).toBe('a\n');
  });

  it('does not overwrite a push that came between, and merges on top of it next time', async () => {
    const { request } = await finished('T1', 'a.txt', 'a\n');
    const merge = mergedBy(await merging.mergeBranch(request, signal));
    const foreign = await git(['commit-tree', '-p', runBranch, '-m', 'foreign', 'main^{tree}'], {
      cwd: project,
      identity,
    });
    await git(['update-ref', `refs/heads/${runBranch}`, foreign.stdout.trim()], { cwd: project });
    await expect(merging.accept(request, merge, signal)).rejects.toMatchObject({ code: 'RUN_BRANCH_MOVED' });
    expect(await at(project, runBranch)).toBe(foreign.stdout.trim());
    const again = mergedBy(await merging.mergeBranch(request, signal));
    expect(again.previous).toBe(foreign.stdout.trim());
    await merging.accept(request, again, signal);
  });

  it('stops when somebody threw merged work away', async () => {
    await land((await finished('T1', 'a.txt', 'a\n')).request);
    const { request } = await finished('T2', 'b.txt', 'b\n');
    const foreign = await git(['commit-tree', '-m', 'foreign', 'main^{tree}'], { cwd: project, identity });
    await git(['update-ref', `refs/heads/${runBranch}`, foreign.stdout.trim()], { cwd: project });
    await expect(merging.mergeBranch(request, signal)).rejects.toMatchObject({ code: 'BRANCH_DIVERGED' });
  });

  it('says when the branch to merge is nowhere', async () => {
    const { request } = await finished('T1', 'a.txt', 'a\n');
    const nowhere = { ...request, branch: 'partitura-task/none', commit: '1'.repeat(40) };
    await expect(merging.mergeBranch(nowhere, signal)).rejects.toMatchObject({ code: 'BRANCH_NOT_FOUND' });
  });

  it('lets the work tree of merged work go', async () => {
    const { worktree, request } = await finished('T1', 'a.txt', 'a\n');
    await expect(spaces.removeWorktree(worktree, signal)).rejects.toMatchObject({
      code: 'WORKTREE_HAS_UNMERGED_WORK',
    });
    await land(request);
    await spaces.removeWorktree(worktree, signal);
  });
});
