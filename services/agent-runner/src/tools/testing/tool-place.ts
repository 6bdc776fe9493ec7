import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { createRepository } from '@partitura/shared/repositories';
import { type Worktree, workspaces } from '../../workspaces/index.ts';
import { type ToolBox, type ToolContext, type ToolResult, toolBox } from '../index.ts';

/** Where an agent's tools are used: a work tree of its own for each test, and beside it what they must not come to. */
export interface ToolPlace {
  readonly box: ToolBox;
  /** All there is on the disk. */
  readonly base: string;
  /** Has `secret.txt`, in which stands `canary`. */
  readonly outside: string;
  readonly worktree: Worktree;
  use(tool: string, input: unknown, changes?: Partial<ToolContext>, redone?: boolean): Promise<ToolResult>;
  inTree(path: string): string;
  content(path: string): Promise<string>;
}

const identity = { name: 'Test', email: 'test@partitura.invalid' };
const { signal } = new AbortController();

const files = {
  'README.md': '# Project\n',
  'src/index.js': 'const one = 1;\nconst two = 2;\n',
  '.gitignore': 'ignored.txt\n',
};

/** Made before the tests of a file, and removed after them. */
export const toolPlace = (): ToolPlace => {
  const box = toolBox();
  let base = '';
  let worktree: Worktree | null = null;
  let calls = 0;
  let attempts = 0;

  beforeAll(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'partitura-tools-')));
    await createRepository(join(base, 'project'), { files, message: 'Begin', identity });
  });

  beforeEach(async () => {
    const outside = join(base, 'outside');
    await rm(outside, { recursive: true, force: true, maxRetries: 20 });
    await mkdir(outside);
    await writeFile(join(outside, 'secret.txt'), 'canary');
    attempts += 1;
    const spaces = workspaces({ dataDirectory: join(base, 'data') });
    const repository = await spaces.openProjectRepository('p1', join(base, 'project'), signal);
    await spaces.createRunBranch(repository, { runBranch: 'partitura/r1', baseBranch: 'main' }, signal);
    const attemptId = `r1.T${attempts}.a1`;
    const branch = `partitura-task/${attemptId}`;
    worktree = await spaces.openWorktree(repository, { attemptId, branch, from: 'partitura/r1' }, signal);
  });

  afterAll(() => rm(base, { recursive: true, force: true, maxRetries: 20 }));

  const tree = (): Worktree => {
    if (worktree === null) throw new Error('The test has not begun.');
    return worktree;
  };

  const context = (changes: Partial<ToolContext>): ToolContext => {
    calls += 1;
    return {
      toolCallId: `call-${calls}`,
      worktree: tree(),
      sandbox: null,
      searchKnowledge: async () => [],
      sendMessage: async () => undefined,
      limits: { maxFileBytes: 10_000, maxResultCharacters: 20_000, commandTimeoutMs: 5_000 },
      signal,
      ...changes,
    };
  };

  const inTree = (path: string): string => join(tree().path, path);

  return {
    box,
    get base() {
      return base;
    },
    get outside() {
      return join(base, 'outside');
    },
    get worktree() {
      return tree();
    },
    use: (tool, input, changes = {}, redone = false) =>
      box.run({ tool, arguments: input, redone }, context(changes)),
    inTree,
    content: (path) => readFile(inTree(path), 'utf8'),
  };
};
