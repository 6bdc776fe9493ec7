import { execFileSync } from 'node:child_process';
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createRepository } from '@partitura/shared/repositories';
import * as fc from 'fast-check';
import type { Sandbox } from '../sandbox/index.ts';
import { type Worktree, workspaces } from '../workspaces/index.ts';
import { confinePath, inDirectoryOf } from './confined-path.ts';
import { type ToolContext, type ToolResult, toolBox } from './index.ts';

const identity = { name: 'Test', email: 'test@partitura.invalid' };
const { signal } = new AbortController();
const box = toolBox();
let base = '';
let outside = '';
let worktree: Worktree;
let calls = 0;
let attempts = 0;

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'partitura-tools-')));
  outside = join(base, 'outside');
  await createRepository(join(base, 'project'), {
    files: {
      'README.md': '# Project\n',
      'src/index.js': 'const one = 1;\nconst two = 2;\n',
      '.gitignore': 'ignored.txt\n',
    },
    message: 'Begin',
    identity,
  });
});

beforeEach(async () => {
  await rm(outside, { recursive: true, force: true, maxRetries: 20 });
  await mkdir(outside);
  await writeFile(join(outside, 'secret.txt'), 'canary');
  attempts += 1;
  const spaces = workspaces({ dataDirectory: join(base, 'data') });
  const repository = await spaces.openProjectRepository('p1', join(base, 'project'), signal);
  await spaces.createRunBranch(repository, { runBranch: 'partitura/r1', baseBranch: 'main' }, signal);
  const attemptId = `r1.T${attempts}.a1`;
  worktree = await spaces.openWorktree(
    repository,
    { attemptId, branch: `partitura-task/${attemptId}`, from: 'partitura/r1' },
    signal,
  );
});

afterAll(async () => {
  await rm(base, { recursive: true, force: true, maxRetries: 20 });
});

const context = (changes: Partial<ToolContext> = {}): ToolContext => {
  calls += 1;
  return {
    toolCallId: `call-${calls}`,
    worktree,
    sandbox: null,
    searchKnowledge: async () => [],
    sendMessage: async () => undefined,
    limits: { maxFileBytes: 10_000, maxResultCharacters: 20_000, commandTimeoutMs: 5_000 },
    signal,
    ...changes,
  };
};

const use = (
  tool: string,
  input: unknown,
  changes: Partial<ToolContext> = {},
  redone = false,
): Promise<ToolResult> => box.run({ tool, arguments: input, redone }, context(changes));

const inTree = (path: string): string => join(worktree.path, path);
const content = (path: string): Promise<string> => readFile(inTree(path), 'utf8');

describe('what a model can get wrong', () => {
  it('is told to it, not thrown', async () => {
    expect(await use('format_disk', {})).toMatchObject({
      outcome: 'failed',
      text: expect.stringContaining('read_file'),
    });
    expect(await use('read_file', {})).toMatchObject({
      outcome: 'failed',
      text: expect.stringContaining('path'),
    });
    expect(await use('read_file', 'README.md')).toMatchObject({ outcome: 'failed' });
    expect(await use('write_file', { path: 'a', content: 1 })).toMatchObject({
      outcome: 'failed',
      text: expect.stringContaining('content'),
    });
    expect(await use('read_file', { path: 'README.md', lines: 3 })).toMatchObject({
      outcome: 'failed',
      text: expect.stringContaining('lines'),
    });
    expect(await use('constructor', {})).toMatchObject({ outcome: 'failed' });
  });

  it('never throws, whatever the arguments', async () => {
    const names = [
      'read_file',
      'write_file',
      'edit_file',
      'list_files',
      'search_files',
      'run_command',
      'knowledge_search',
      'send_message',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.oneof(
          fc.jsonValue(),
          fc.record(
            { path: fc.string(), content: fc.string(), find: fc.string(), replace: fc.string() },
            { requiredKeys: ['path'] },
          ),
        ),
        async (name, input) => {
          const result = await use(name, input);
          expect(['succeeded', 'failed', 'refused']).toContain(result.outcome);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('has schemas that providers take', () => {
    for (const { parameters } of box.specifications(['read_file', 'edit_file', 'run_command'])) {
      expect(parameters).toMatchObject({ type: 'object', additionalProperties: false });
    }
  });

  it('works without files, and says so', async () => {
    expect(await use('read_file', { path: 'a' }, { worktree: null })).toMatchObject({ outcome: 'refused' });
  });
});

describe('paths', () => {
  it.each([
    '../outside/secret.txt',
    'src/../../outside/secret.txt',
    '/etc/passwd',
    '~/.ssh/id_ed25519',
    'C:\\Windows',
    '.git',
    '.git/config',
    '.GIT/config',
    'src/../.git',
    '.git ',
    '.git.',
    'git~1',
    '.g\u200cit/config',
    '.git::$INDEX_ALLOCATION/config',
    'a/.git/hooks/pre-commit',
    'a\0b',
    'x'.repeat(5_000),
  ])('refuses %j', async (path) => {
    for (const [tool, input] of [
      ['read_file', { path }],
      ['write_file', { path, content: 'x' }],
      ['edit_file', { path, find: 'a', replace: 'b' }],
      ['list_files', { path }],
      ['search_files', { path, pattern: 'canary' }],
    ] as const) {
      expect({ tool, ...(await use(tool, input)) }).toMatchObject({ outcome: 'refused' });
    }
    expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('canary');
  });

  it('follow links within the tree, and none that lead out, at whatever depth', async () => {
    await symlink('src', inTree('inside'));
    await symlink(outside, inTree('direct'));
    await symlink('direct', inTree('twice'));
    await symlink(join(outside, 'secret.txt'), inTree('file'));
    await symlink(join(outside, 'not-yet.txt'), inTree('dangling'));
    await symlink('../../outside/x', inTree('src/relative'));
    await symlink('.git', inTree('sneaky'));
    await symlink('loop', inTree('loop'));
    expect(await use('read_file', { path: 'inside/index.js' })).toMatchObject({ outcome: 'succeeded' });
    for (const path of [
      'direct/secret.txt',
      'direct/new/deep.txt',
      'twice/secret.txt',
      'file',
      'dangling',
      'src/relative',
      'sneaky',
      'loop',
      'loop/x',
    ]) {
      expect({ path, ...(await use('write_file', { path, content: 'x' })) }).not.toMatchObject({
        outcome: 'succeeded',
      });
      expect({ path, ...(await use('read_file', { path })) }).not.toMatchObject({ outcome: 'succeeded' });
    }
    expect(await readdir(outside)).toEqual(['secret.txt']);
    expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('canary');
  });

  it('lead nowhere outside, whatever tree of links there is', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const target = fc.oneof(
      fc
        .array(fc.constantFrom('a', 'b', 'c', 'd', '..', '.'), { minLength: 1, maxLength: 6 })
        .map((parts) => parts.join('/')),
      fc.constant('OUTSIDE'),
      fc.constant('OUTSIDE/secret.txt'),
      fc.constant('../../..'),
    );
    const entry = fc.record({
      at: fc.array(name, { minLength: 1, maxLength: 3 }),
      kind: fc.constantFrom('link', 'directory', 'file'),
      target,
    });
    const asked = fc.array(fc.constantFrom('a', 'b', 'c', 'd', '..', '.', 'secret.txt', 'outside', 'new'), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 8 }), asked, async (entries, parts) => {
        const top = await mkdtemp(join(base, 'links-'));
        const tree = { ...worktree, path: join(top, 'tree') };
        await mkdir(tree.path);
        await mkdir(join(top, 'outside'));
        await writeFile(join(top, 'outside/secret.txt'), 'canary');
        for (const one of entries) {
          const at = join(tree.path, ...one.at);
          const make = async (): Promise<void> => {
            if (one.kind === 'directory') await mkdir(at, { recursive: true });
            else if (one.kind === 'file') await writeFile(at, 'file', { flag: 'wx' });
            else await symlink(one.target.replace('OUTSIDE', join(top, 'outside')), at);
          };
          // Only what is laid inside of the tree: an earlier link may already lead this one out.
          const parent = await realpath(join(at, '..')).catch(() => '');
          if (parent === tree.path || parent.startsWith(`${tree.path}/`)) await make().catch(() => undefined);
        }
        const path = parts.join('/');
        const read = await use('read_file', { path }, { worktree: tree });
        expect(read.text).not.toContain('canary');
        await use('write_file', { path, content: 'written' }, { worktree: tree });
        await use('edit_file', { path, find: 'canary', replace: 'gone' }, { worktree: tree });
        expect(await readdir(join(top, 'outside'))).toEqual(['secret.txt']);
        expect(await readFile(join(top, 'outside/secret.txt'), 'utf8')).toBe('canary');
        expect((await readdir(top)).sort()).toEqual(['outside', 'tree']);
        await rm(top, { recursive: true, force: true, maxRetries: 20 });
      }),
      { numRuns: 300 },
    );
  });

  it('are held to what they were judged as, though the directory is exchanged meanwhile', async () => {
    await mkdir(inTree('swap'));
    await writeFile(inTree('swap/secret.txt'), 'harmless');
    const judged = await confinePath(worktree.path, 'swap/secret.txt');
    await rename(inTree('swap'), inTree('swapped'));
    await symlink(outside, inTree('swap'));
    await expect(inDirectoryOf(judged, async () => 'reached')).rejects.toBeDefined();
  });
});

describe('reading', () => {
  it('numbers lines, from where it is asked to', async () => {
    expect((await use('read_file', { path: 'src/index.js' })).text).toBe(
      '    1\tconst one = 1;\n    2\tconst two = 2;',
    );
    expect((await use('read_file', { path: 'src/index.js', offset: 2, limit: 5 })).text).toBe(
      '    2\tconst two = 2;',
    );
    expect(await use('read_file', { path: 'src/index.js', offset: 9 })).toMatchObject({ outcome: 'failed' });
  });

  it('says what is not text, not there, not a file, or too much', async () => {
    await writeFile(inTree('binary'), Buffer.from([1, 0, 2]));
    await writeFile(inTree('empty'), '');
    await writeFile(inTree('big'), 'line\n'.repeat(5_000));
    execFileSync('mkfifo', [inTree('pipe')]);
    expect((await use('read_file', { path: 'binary' })).text).toContain('binary file of 3 bytes');
    expect((await use('read_file', { path: 'empty' })).text).toContain('is empty');
    expect((await use('read_file', { path: 'big' })).text).toContain('the first 10000 of 25000 bytes');
    expect(await use('read_file', { path: 'nothing' })).toMatchObject({
      outcome: 'failed',
      text: expect.stringContaining('list_files'),
    });
    expect(await use('read_file', { path: 'src' })).toMatchObject({
      text: expect.stringContaining('directory'),
    });
    expect(await use('read_file', { path: 'README.md/x' })).not.toMatchObject({ outcome: 'succeeded' });
    expect(await use('read_file', { path: 'pipe' })).not.toMatchObject({ outcome: 'succeeded' });
  });
});

describe('writing', () => {
  it('makes files with their directories, replaces them, and keeps their mode', async () => {
    expect(await use('write_file', { path: 'a/b/c.sh', content: 'one' })).toMatchObject({
      outcome: 'succeeded',
    });
    await chmod(inTree('a/b/c.sh'), 0o755);
    await use('write_file', { path: 'a/b/c.sh', content: 'two' });
    expect(await content('a/b/c.sh')).toBe('two');
    expect((await stat(inTree('a/b/c.sh'))).mode & 0o777).toBe(0o755);
    expect(await readdir(inTree('a/b'))).toEqual(['c.sh']);
  });

  it('does not write through a second name of a file elsewhere', async () => {
    await link(join(outside, 'secret.txt'), inTree('hard'));
    await use('write_file', { path: 'hard', content: 'changed' });
    expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('canary');
  });

  it('refuses what is too large, and what is a directory', async () => {
    expect(await use('write_file', { path: 'big', content: 'ä'.repeat(6_000) })).toMatchObject({
      outcome: 'failed',
    });
    expect(await use('write_file', { path: 'src', content: 'x' })).toMatchObject({ outcome: 'refused' });
    expect(await use('write_file', { path: '.', content: 'x' })).toMatchObject({ outcome: 'refused' });
    expect(await use('write_file', { path: 'README.md/x', content: 'x' })).not.toMatchObject({
      outcome: 'succeeded',
    });
  });
});

describe('editing', () => {
  it('replaces exactly one piece, with nothing in it special', async () => {
    expect(
      await use('edit_file', { path: 'src/index.js', find: 'one = 1', replace: '$& = $1' }),
    ).toMatchObject({ outcome: 'succeeded' });
    expect(await content('src/index.js')).toBe('const $& = $1;\nconst two = 2;\n');
  });

  it('says when the piece is not there, nearly there, or there more than once', async () => {
    const edit = (find: string, all?: boolean) =>
      use('edit_file', { path: 'src/index.js', find, replace: 'let', ...(all === undefined ? {} : { all }) });
    expect((await edit('three')).text).toContain('is not in');
    expect((await edit('const  one')).text).toContain('other spaces');
    expect((await edit('const')).text).toContain('2 times');
    expect((await edit('const', true)).outcome).toBe('succeeded');
    expect(await content('src/index.js')).toBe('let one = 1;\nlet two = 2;\n');
    expect(await edit('let')).toMatchObject({ outcome: 'failed' });
  });

  it('is made once when a crash came before its result was recorded', async () => {
    const input = { path: 'src/index.js', find: 'one', replace: 'zone' };
    const toolCallId = 'the-same-call';
    expect(await use('edit_file', input, { toolCallId })).toMatchObject({ outcome: 'succeeded' });
    expect(await use('edit_file', input, { toolCallId }, true)).toMatchObject({ outcome: 'succeeded' });
    expect(await content('src/index.js')).toContain('const zone = 1;');
    expect(await use('edit_file', input)).toMatchObject({ outcome: 'succeeded' });
    expect(await content('src/index.js')).toContain('const zzone = 1;');
  });

  it('is made when the crash came between its announcement and the edit', async () => {
    const input = { path: 'src/index.js', find: 'one', replace: 'uno' };
    const before = await content('src/index.js');
    await use('edit_file', input, { toolCallId: 'announced' });
    await writeFile(inTree('src/index.js'), before);
    await use('edit_file', input, { toolCallId: 'announced' }, true);
    expect(await content('src/index.js')).toContain('const uno = 1;');
  });

  it('leaves what is no text alone', async () => {
    await writeFile(inTree('latin1.txt'), Buffer.from([0x61, 0xe4, 0x0a]));
    expect(await use('edit_file', { path: 'latin1.txt', find: 'a', replace: 'b' })).toMatchObject({
      outcome: 'failed',
      text: expect.stringContaining('UTF-8'),
    });
  });
});

describe('finding', () => {
  it('lists what git would, in order, new files too', async () => {
    await writeFile(inTree('ignored.txt'), 'x');
    await writeFile(inTree('new ü.txt'), 'x');
    await rm(inTree('README.md'));
    expect((await use('list_files', {})).text).toBe('.gitignore\nnew ü.txt\nsrc/index.js');
    expect((await use('list_files', { path: 'src' })).text).toBe('src/index.js');
    expect((await use('list_files', { limit: 1 })).text).toContain('and 2 more');
    expect((await use('list_files', { path: '*' })).text).toContain('no files');
  });

  it('searches text and expressions, and not what is ignored or a link', async () => {
    await writeFile(inTree('ignored.txt'), 'const canary');
    await writeFile(inTree('new.txt'), 'const new\n');
    await symlink(join(outside, 'secret.txt'), inTree('leak'));
    expect((await use('search_files', { pattern: 'const' })).text.split('\n')).toHaveLength(3);
    expect((await use('search_files', { pattern: 'canary' })).text).toBe('Nothing was found.');
    expect((await use('search_files', { pattern: 'two = [0-9]', regex: true })).text).toBe(
      'src/index.js:2:const two = 2;',
    );
    expect((await use('search_files', { pattern: 'two = [0-9]' })).text).toBe('Nothing was found.');
    expect((await use('search_files', { pattern: 'CONST', ignore_case: true, limit: 1 })).text).toContain(
      'further lines',
    );
    expect(await use('search_files', { pattern: '(', regex: true })).toMatchObject({ outcome: 'failed' });
    expect(await use('search_files', { pattern: '--open-files-in-pager=touch /tmp/x' })).toMatchObject({
      outcome: 'succeeded',
    });
  });
});

describe('commands', () => {
  const answering = (seen: unknown[]): Sandbox => ({
    name: 'fake',
    confines: true,
    run: async (command) => {
      seen.push(command);
      return {
        exitCode: 1,
        signal: null,
        output: 'x'.repeat(50_000),
        timedOut: false,
        truncated: false,
        durationMs: 1,
        limit: null,
      };
    },
  });

  it('are refused without a sandbox', async () => {
    expect(await use('run_command', { command: 'true' })).toMatchObject({
      outcome: 'refused',
      text: expect.stringContaining('sandbox'),
    });
  });

  it('can write the work tree, and only read the git directories', async () => {
    const seen: unknown[] = [];
    const result = await use(
      'run_command',
      { command: 'npm test', timeout_seconds: 3_000 },
      { sandbox: answering(seen) },
    );
    expect(seen[0]).toMatchObject({
      cwd: worktree.path,
      writable: [worktree.path],
      readOnly: [join(worktree.path, '.git'), worktree.gitDirectory, worktree.repository.path],
      network: false,
      timeoutMs: 5_000,
    });
    expect(result.outcome).toBe('failed');
    expect(result.text).toContain('Exit code 1.');
    expect(result.text.length).toBeLessThan(20_100);
  });

  it('say so when they are run again after a crash', async () => {
    const result = await use('run_command', { command: 'true' }, { sandbox: answering([]) }, true);
    expect(result.text).toContain('run again');
  });
});

describe('the swarm', () => {
  it('is asked and told', async () => {
    const sent: unknown[] = [];
    const changes: Partial<ToolContext> = {
      toolCallId: 'm1',
      sendMessage: async (message) => void sent.push(message),
      searchKnowledge: async (query) => [
        { nodeId: 'n1', kind: 'decision', title: 'Use SQLite', text: query, score: 1 },
      ],
    };
    expect((await use('knowledge_search', { query: 'database' }, changes)).text).toBe(
      '[n1] decision: Use SQLite\ndatabase',
    );
    expect((await use('knowledge_search', { query: 'database' })).text).toContain('Nothing is known');
    expect(await use('send_message', { to: 'all', text: 'hello' }, changes)).toMatchObject({
      outcome: 'succeeded',
    });
    expect(sent).toEqual([{ to: 'all', text: 'hello', toolCallId: 'm1' }]);
  });
});
