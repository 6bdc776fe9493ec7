import { GitError, git } from '@partitura/shared/repositories';
import { z } from 'zod';
import type { Worktree } from '../workspaces/index.ts';
import { confinePath } from './confined-path.ts';
import { failed, onFiles, succeeded } from './file-tools.ts';
import type { Tool } from './port.ts';

const timeoutMs = 30_000;
const maxOutputBytes = 4 * 1024 * 1024;

const inTree = (
  worktree: Worktree,
  args: readonly string[],
  signal: AbortSignal,
  accept: readonly number[],
) =>
  git(args, {
    gitDirectory: worktree.gitDirectory,
    workTree: worktree.path,
    signal,
    accept,
    timeoutMs,
    maxOutputBytes,
    cutOutput: true,
  });

const listSchema = z.strictObject({
  path: z
    .string()
    .optional()
    .describe('A directory, relative to the top of the work tree. Default: all of it.'),
  limit: z
    .int()
    .positive()
    .max(5_000)
    .optional()
    .describe('How many files to name at the most. Default: 500.'),
});

export const listFilesTool: Tool<z.infer<typeof listSchema>> = {
  name: 'list_files',
  description:
    'Names the files of the work tree, or of a directory in it, in order. Files that git ignores are left out.',
  schema: listSchema,
  cost: 'free',
  needsApproval: false,
  redo: 'repeat',
  execute: (input, context) =>
    onFiles(context, input.path ?? '.', async (worktree) => {
      const { shown } = await confinePath(worktree.path, input.path ?? '.');
      const list = async (...which: string[]): Promise<string[]> => {
        const args = ['ls-files', '-z', ...which, '--', `:(top,literal)${shown === '.' ? '' : shown}`];
        const { stdout } = await inTree(worktree, args, context.signal, [0]);
        return stdout.split('\0').filter((name) => name !== '');
      };
      const deleted = new Set(await list('--deleted'));
      const names = await list('--cached', '--others', '--exclude-standard');
      const files = [...new Set(names)].filter((name) => !deleted.has(name)).sort();
      if (files.length === 0)
        return succeeded(
          shown === '.' ? 'The work tree has no files yet.' : `There are no files in "${shown}".`,
        );
      const limit = input.limit ?? 500;
      const more =
        files.length > limit ? `\n[… and ${files.length - limit} more; give a path to see fewer]` : '';
      return succeeded(`${files.slice(0, limit).join('\n')}${more}`);
    }),
};

const searchSchema = z.strictObject({
  pattern: z
    .string()
    .min(1)
    .describe(
      'What to look for in the files: plain text, or an extended regular expression when regex is true.',
    ),
  path: z
    .string()
    .optional()
    .describe('A file or directory to look in, relative to the top of the work tree.'),
  regex: z.boolean().optional(),
  ignore_case: z.boolean().optional(),
  limit: z
    .int()
    .positive()
    .max(1_000)
    .optional()
    .describe('How many lines to show at the most. Default: 100.'),
});

const maxLineCharacters = 400;

const searchArguments = (input: z.infer<typeof searchSchema>, shown: string): string[] => [
  'grep',
  '--untracked',
  '--exclude-standard',
  '--line-number',
  '--no-color',
  '-I',
  '--no-textconv',
  '--full-name',
  input.regex === true ? '--extended-regexp' : '--fixed-strings',
  ...(input.ignore_case === true ? ['--ignore-case'] : []),
  '-e',
  input.pattern,
  '--',
  `:(top,literal)${shown === '.' ? '' : shown}`,
];

export const searchFilesTool: Tool<z.infer<typeof searchSchema>> = {
  name: 'search_files',
  description:
    'Finds lines in the files of the work tree: path, line number and line. Binary and ignored files are left out.',
  schema: searchSchema,
  cost: 'free',
  needsApproval: false,
  redo: 'repeat',
  execute: (input, context) =>
    onFiles(context, input.path ?? '.', async (worktree) => {
      const { shown } = await confinePath(worktree.path, input.path ?? '.');
      if (input.pattern.includes('\0') || input.pattern.includes('\n'))
        return failed('The pattern has to be one line of text.');
      const found = await inTree(worktree, searchArguments(input, shown), context.signal, [0, 1]).catch(
        (error: unknown) => {
          if (error instanceof GitError && error.code === 'GIT_FAILED') return error;
          throw error;
        },
      );
      if (found instanceof GitError)
        return failed(`That cannot be searched for: ${found.stderr.replace(/^fatal: /, '')}`);
      const lines = found.stdout.split('\n').filter((line) => line !== '');
      if (lines.length === 0) return succeeded('Nothing was found.');
      const limit = input.limit ?? 100;
      const cut = (line: string) =>
        line.length > maxLineCharacters ? `${line.slice(0, maxLineCharacters)}…` : line;
      const more =
        lines.length > limit || found.cut
          ? `\n[… ${lines.length - limit} or more further lines; look for something rarer]`
          : '';
      return succeeded(`${lines.slice(0, limit).map(cut).join('\n')}${more}`);
    }),
};
