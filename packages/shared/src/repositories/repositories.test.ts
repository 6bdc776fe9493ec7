import { mkdir, mkdtemp, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { branchFromAfar } from './branch-at.ts';
import {
  branchAt,
  createRepository,
  GitError,
  git,
  inspectRepository,
  isBranchName,
  parseRepositoryAddress,
  RepositoryDirtyError,
  withoutCredentials,
} from './index.ts';
import { inspectRemoteRepository } from './inspect-remote.ts';

const identity = { name: 'Test', email: 'test@example.org' };
let base = '';

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'partitura-repositories-')));
});

afterAll(async () => {
  await rm(base, { recursive: true, force: true, maxRetries: 20 });
});

const fresh = async (name: string): Promise<string> => {
  const created = await createRepository(join(base, name), {
    files: { 'README.md': '# Test\n', 'src/a b.txt': 'a\n' },
    message: 'Begin',
    identity,
  });
  return created.url;
};

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error
      ? String(error.code)
      : String(error);
  }
};

describe('a branch at a commit', () => {
  it.each([
    ['here', branchAt],
    ['elsewhere', branchFromAfar],
  ])(
    '%s is made without a clone, at the end of a branch or before, and left as it is',
    async (where, make) => {
      const path = await fresh(`branches-${where}`);
      const { signal } = new AbortController();
      const tell = ['commit', '--quiet', '--allow-empty', '--message', 'Next'];
      await git(tell, { cwd: path, identity });
      const commitOf = async (name: string) => (await git(['rev-parse', name], { cwd: path })).stdout.trim();
      const [first, last] = [await commitOf('main~1'), await commitOf('main')];
      await make(path, { branch: 'a/first', from: 'main', commit: first }, signal);
      await make(path, { branch: 'a/last', from: 'main', commit: null }, signal);
      await make(path, { branch: 'a/first', from: 'main', commit: last }, signal);
      expect([await commitOf('a/first'), await commitOf('a/last')]).toEqual([first, last]);
      const gone = { branch: 'a/none', from: 'main', commit: 'f'.repeat(40) };
      await expect(make(path, gone, signal)).rejects.toMatchObject({ code: 'GIT_FAILED' });
    },
  );
});

describe('creating a repository', () => {
  it('makes a repository with one commit on main, readable by others', async () => {
    const created = await createRepository(join(base, 'deep/er/new'), {
      files: { 'README.md': '# New\n', 'docs/prd.md': 'text' },
      message: 'Begin',
      identity,
    });
    expect(await inspectRepository(created.url)).toEqual(created);
    expect(created.baseBranch).toBe('main');
    expect(await readFile(join(created.url, 'docs/prd.md'), 'utf8')).toBe('text');
    const { stdout } = await git(['log', '--format=%an %ae %s'], { cwd: created.url });
    expect(stdout).toBe('Test test@example.org Begin\n');
    expect((await stat(created.url)).mode & 0o755).toBe(0o755);
  });

  it('takes an empty directory, and refuses one with something in it', async () => {
    await mkdir(join(base, 'vacant'));
    const created = await createRepository(join(base, 'vacant'), { files: {}, message: 'Begin', identity });
    expect(created.headCommit).toMatch(/^[0-9a-f]{40}$/);
    const again = createRepository(join(base, 'vacant'), { files: {}, message: 'Begin', identity });
    expect(await codeOf(again)).toBe('REPOSITORY_PATH_TAKEN');
  });

  it('leaves nothing behind when a file does not belong there', async () => {
    const path = join(base, 'escape/repo');
    const refused = createRepository(path, { files: { '../../evil': 'x' }, message: 'Begin', identity });
    expect(await codeOf(refused)).toBe('REPOSITORY_PATH_UNUSABLE');
    expect(await codeOf(stat(path))).toBe('ENOENT');
    expect(await codeOf(stat(join(base, 'evil')))).toBe('ENOENT');
  });

  it('says what is in the way', async () => {
    await writeFile(join(base, 'a-file'), 'x');
    const refused = createRepository(join(base, 'a-file'), { files: {}, message: 'Begin', identity });
    expect(await codeOf(refused)).toBe('REPOSITORY_PATH_UNUSABLE');
  });
});

describe('inspecting a repository', () => {
  it.each([
    ['no such path', () => join(base, 'nowhere'), 'REPOSITORY_NOT_FOUND'],
    ['an empty address', () => ' ', 'REPOSITORY_URL_INVALID'],
    ['a command in disguise', () => 'ext::sh -c touch% /tmp/owned', 'REPOSITORY_URL_INVALID'],
    ['an option in disguise', () => '--upload-pack=touch /tmp/owned', 'REPOSITORY_URL_INVALID'],
    ['an unknown protocol', () => 'gopher://example.org/x', 'REPOSITORY_URL_INVALID'],
    ['a host that is an option', () => 'ssh://-oProxyCommand=x/y', 'REPOSITORY_URL_INVALID'],
    ['nobody listening', () => 'http://127.0.0.1:1/x.git', 'REPOSITORY_UNREACHABLE'],
  ])('refuses %s', async (_name, address, code) => {
    expect(await codeOf(inspectRepository(address()))).toBe(code);
  });

  it('refuses a directory that is no repository, with what to do', async () => {
    const path = join(base, 'plain');
    await mkdir(path);
    await expect(inspectRepository(path)).rejects.toMatchObject({
      code: 'NOT_A_REPOSITORY',
      advice: expect.stringContaining('git init'),
    });
  });

  it('refuses a file', async () => {
    await writeFile(join(base, 'file.txt'), 'x');
    expect(await codeOf(inspectRepository(join(base, 'file.txt')))).toBe('REPOSITORY_NOT_FOUND');
  });

  it('refuses a repository without commits', async () => {
    const path = join(base, 'unborn');
    await git(['init', '--quiet', '--', path]);
    expect(await codeOf(inspectRepository(path))).toBe('REPOSITORY_HAS_NO_COMMITS');
    expect(await codeOf(inspectRepository(path, { baseBranch: 'main' }))).toBe('REPOSITORY_HAS_NO_COMMITS');
  });

  it('takes an empty bare repository, by path or by URL: the run makes its first branch', async () => {
    const path = join(base, 'empty.git');
    await git(['init', '--quiet', '--bare', '--initial-branch=trunk', '--', path]);
    expect(await inspectRepository(path)).toMatchObject({
      baseBranch: 'trunk',
      headCommit: null,
      bare: true,
    });
    expect(await inspectRepository(path, { baseBranch: 'main' })).toMatchObject({ baseBranch: 'main' });
    expect(await inspectRemoteRepository(path, {})).toMatchObject({ baseBranch: 'main', headCommit: null });
  });

  it('asks for a base when the head is detached', async () => {
    const path = await fresh('detached');
    await git(['checkout', '--quiet', '--detach'], { cwd: path });
    expect(await codeOf(inspectRepository(path))).toBe('DETACHED_HEAD');
    expect(await inspectRepository(path, { baseBranch: 'main' })).toMatchObject({ baseBranch: 'main' });
  });

  it('names the branches there are when the base is unknown', async () => {
    const path = await fresh('unknown-base');
    await expect(inspectRepository(path, { baseBranch: 'trunk' })).rejects.toMatchObject({
      code: 'BASE_BRANCH_NOT_FOUND',
      message: expect.stringContaining('"trunk"'),
      advice: expect.stringContaining('main'),
    });
    expect(await codeOf(inspectRepository(path, { baseBranch: '--help' }))).toBe('BRANCH_NAME_INVALID');
  });

  it('lists five uncommitted files, and goes on when told to', async () => {
    const path = await fresh('dirty');
    for (let index = 0; index < 7; index += 1) await writeFile(join(path, `new ${index}.txt`), 'x');
    await git(['mv', 'src/a b.txt', 'src/renamed.txt'], { cwd: path });
    const error = await inspectRepository(path).catch((caught: unknown) => caught);
    if (!(error instanceof RepositoryDirtyError)) throw new Error(`expected a refusal, not ${String(error)}`);
    expect(error.count).toBe(8);
    expect(error.files).toEqual(['src/renamed.txt', 'new 0.txt', 'new 1.txt', 'new 2.txt', 'new 3.txt']);
    expect(error.message).toContain('and 3 more');
    const inspected = await inspectRepository(path, { allowUncommitted: true });
    expect(inspected.uncommitted).toHaveLength(5);
  });

  it('does not count what it is told to ignore', async () => {
    const path = await fresh('ignoring');
    await mkdir(join(path, '.partitura'));
    await writeFile(join(path, '.partitura/events.db'), 'x');
    await writeFile(join(path, 'PRD.md'), 'x');
    const ignore = [join(path, '.partitura'), join(path, 'PRD.md'), join(base, 'elsewhere')];
    expect((await inspectRepository(path, { ignore })).uncommitted).toEqual([]);
  });

  it('takes bare repositories, folders inside, symlinks and work trees for what they are', async () => {
    const path = await fresh('shapes');
    const bare = join(base, 'shapes.git');
    await git(['clone', '--quiet', '--bare', '--', path, bare]);
    expect(await inspectRepository(bare)).toMatchObject({ url: bare, bare: true, baseBranch: 'main' });
    expect(await inspectRepository(join(path, 'src'))).toMatchObject({ url: path, bare: false });
    await symlink(path, join(base, 'shapes-link'));
    expect(await inspectRepository(join(base, 'shapes-link'))).toMatchObject({ url: path });
    expect(await inspectRepository(`file://${path}`)).toMatchObject({ url: path });
    const tree = join(base, 'shapes-tree');
    await git(['worktree', 'add', '--quiet', '-b', 'side', tree], { cwd: path });
    expect(await inspectRepository(tree)).toMatchObject({ url: tree, baseBranch: 'side' });
    expect(await codeOf(inspectRepository(join(path, '.git')))).toBe('NOT_A_REPOSITORY');
  });

  it('runs nothing that the repository’s configuration asks for', async () => {
    const path = await fresh('hostile');
    const canary = join(base, 'canary');
    await git(['config', 'core.fsmonitor', `touch ${canary}; false`], { cwd: path });
    await inspectRepository(path);
    expect(await codeOf(stat(canary))).toBe('ENOENT');
  });
});

describe('git', () => {
  it('says what failed, without the flags that nobody typed', async () => {
    const error = await git(['rev-parse', '--verify', 'nothing'], { cwd: base }).catch(
      (caught: unknown) => caught,
    );
    if (!(error instanceof GitError)) throw new Error('expected a GitError');
    expect(error).toMatchObject({
      code: 'GIT_FAILED',
      command: 'git rev-parse --verify nothing',
      exitCode: 128,
    });
    expect(error.stderr).toContain('not a git repository');
  });

  it('stops when aborted, and does not start when it was before', async () => {
    const path = await fresh('aborted');
    const controller = new AbortController();
    const running = git(['cat-file', '--batch'], {
      cwd: path,
      signal: controller.signal,
      input: 'x\n'.repeat(2_000_000),
    });
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await expect(git(['version'], { signal: controller.signal })).rejects.toThrow('enough');
  });

  it('ends a command that takes too long', async () => {
    const path = await fresh('slow');
    await expect(
      git(['-c', 'alias.wait=!sleep 60', 'wait'], { cwd: path, timeoutMs: 50 }),
    ).rejects.toMatchObject({ code: 'GIT_TIMED_OUT' });
  });

  it('cuts output when asked to, and fails when not', async () => {
    const path = await fresh('large');
    const args = ['show', 'HEAD:README.md'];
    expect(await git(args, { cwd: path, maxOutputBytes: 3, cutOutput: true })).toMatchObject({
      stdout: '# T',
      cut: true,
    });
    await expect(git(args, { cwd: path, maxOutputBytes: 3 })).rejects.toMatchObject({
      code: 'GIT_OUTPUT_TOO_LARGE',
    });
  });

  it('says that git is missing when it is', async () => {
    const path = process.env.PATH;
    process.env.PATH = join(base, 'no-programs');
    try {
      await expect(git(['version'])).rejects.toMatchObject({ code: 'GIT_NOT_INSTALLED' });
      await expect(inspectRepository(base)).rejects.toMatchObject({ code: 'GIT_NOT_INSTALLED' });
    } finally {
      process.env.PATH = path;
    }
  });
});

describe('names', () => {
  it.each(['main', 'feature/login', 'partitura/r_7k2', 'partitura-task/r_7k2.T4.a1', 'v1.0', 'a+b'])(
    'takes %s',
    (name) => {
      expect(isBranchName(name)).toBe(true);
    },
  );

  it.each([
    '',
    '-x',
    'a..b',
    'a b',
    'a~1',
    'a^',
    'a:b',
    'a\\b',
    'a/',
    '/a',
    'a//b',
    'a.lock',
    '.a',
    'a/.b',
    'HEAD',
    '@',
    'a\0b',
    'a?',
    '--upload-pack=x',
    'a@{1}',
  ])('refuses %j', (name) => {
    expect(isBranchName(name)).toBe(false);
  });

  it('takes no name that git would not', async () => {
    const names = fc.sample(
      fc.string({ unit: fc.constantFrom(...'aB0./-_@{~^:\\ *[?+#=,'), maxLength: 12 }),
      3_000,
    );
    const taken = [...new Set(names.filter(isBranchName))];
    expect(taken.length).toBeGreaterThan(20);
    for (const name of taken.slice(0, 60)) {
      expect({
        name,
        ok: (await git(['check-ref-format', '--branch', name], { accept: [0, 1, 128] })).exitCode,
      }).toEqual({ name, ok: 0 });
    }
  });

  it('tells paths from URLs', () => {
    expect(parseRepositoryAddress('git@example.org:team/app.git').location).toBe('remote');
    expect(parseRepositoryAddress('https://example.org/app.git').location).toBe('remote');
    expect(parseRepositoryAddress('./a:b').location).toBe('local');
    expect(parseRepositoryAddress('repos/app').location).toBe('local');
  });

  it('keeps credentials out of messages', () => {
    expect(withoutCredentials('https://user:secret@example.org/a.git')).toBe('https://example.org/a.git');
  });
});
