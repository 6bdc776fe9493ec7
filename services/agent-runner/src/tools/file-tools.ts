import { isUtf8 } from 'node:buffer';
import { lstat } from 'node:fs/promises';
import { z } from 'zod';
import type { Worktree } from '../workspaces/index.ts';
import { confinePath, PathRefused } from './confined-path.ts';

import {
  announcedEdit,
  announceEdit,
  contentHash,
  explainFileError,
  type ReadFile,
  readConfined,
  writeConfined,
} from './files.ts';
import type { Tool, ToolContext, ToolResult } from './port.ts';

export const failed = (text: string): ToolResult => ({ outcome: 'failed', text });
export const refused = (text: string): ToolResult => ({ outcome: 'refused', text });
export const succeeded = (text: string): ToolResult => ({ outcome: 'succeeded', text });

const path = z.string().min(1).describe('Relative to the top of the work tree, for example "src/index.js".');

/** Runs file work in the work tree, and puts what goes wrong in words. */
export const onFiles = async (
  context: ToolContext,
  shown: string,
  work: (worktree: Worktree) => Promise<ToolResult>,
): Promise<ToolResult> => {
  if (context.worktree === null) return refused('This run has no repository, so there are no files.');
  try {
    return await work(context.worktree);
  } catch (error) {
    const explained = explainFileError(shown, error);
    if (explained === null) throw error;
    return error instanceof PathRefused ? refused(explained) : failed(explained);
  }
};

const numbered = (lines: readonly string[], first: number): string =>
  lines.map((line, index) => `${String(first + index).padStart(5)}\t${line}`).join('\n');

const readSchema = z.strictObject({
  path,
  offset: z.int().positive().optional().describe('The first line to read, from 1.'),
  limit: z.int().positive().optional().describe('How many lines to read.'),
});

export const readFileTool: Tool<z.infer<typeof readSchema>> = {
  name: 'read_file',
  description: 'Reads a text file. Lines come with their numbers, which are not part of the file.',
  schema: readSchema,
  cost: 'free',
  needsApproval: false,
  redo: 'repeat',
  execute: (input, context) =>
    onFiles(context, input.path, async (worktree) => {
      const file = await readConfined(worktree, input.path, context.limits.maxFileBytes);
      if (file.binary) return succeeded(`"${file.path.shown}" is a binary file of ${file.size} bytes.`);
      if (file.size === 0) return succeeded(`"${file.path.shown}" is empty.`);
      const lines = file.content.toString('utf8').replace(/\n$/, '').split('\n');
      const first = input.offset ?? 1;
      if (first > lines.length) return failed(`"${file.path.shown}" has only ${lines.length} lines.`);
      const chosen = lines.slice(first - 1, input.limit === undefined ? undefined : first - 1 + input.limit);
      const cut =
        file.size > file.content.length ? `\n[… the first ${file.content.length} of ${file.size} bytes]` : '';
      return succeeded(`${numbered(chosen, first)}${cut}`);
    }),
};

const writeSchema = z.strictObject({ path, content: z.string().describe('The whole content of the file.') });

const existingMode = async (real: string): Promise<number | null> => {
  const found = await lstat(real).catch(() => null);
  if (found === null) return null;
  if (found.isDirectory()) throw new PathRefused('A directory is there; a file cannot take its place.');
  if (!found.isFile()) throw new PathRefused('What is there is neither a file nor a directory.');
  return found.mode & 0o777;
};

export const writeFileTool: Tool<z.infer<typeof writeSchema>> = {
  name: 'write_file',
  description: 'Writes a file as a whole, and the directories it is in. What was there is replaced.',
  schema: writeSchema,
  cost: 'free',
  needsApproval: false,
  redo: 'repeat',
  execute: (input, context) =>
    onFiles(context, input.path, async (worktree) => {
      const bytes = Buffer.byteLength(input.content);
      if (bytes > context.limits.maxFileBytes) {
        return failed(
          `The content has ${bytes} bytes; a file may have ${context.limits.maxFileBytes}. Split it.`,
        );
      }
      const target = await confinePath(worktree.path, input.path);
      if (target.shown === '.') return refused('The path is the work tree itself; name a file in it.');
      const mode = await existingMode(target.real);
      await writeConfined(worktree, target, input.content, { toolCallId: context.toolCallId, mode });
      return succeeded(`${mode === null ? 'Made' : 'Replaced'} "${target.shown}" (${bytes} bytes).`);
    }),
};

const editSchema = z.strictObject({
  path,
  find: z
    .string()
    .min(1)
    .describe('The text to replace, exactly as it is in the file, indentation included.'),
  replace: z.string().describe('What stands there afterwards.'),
  all: z.boolean().optional().describe('Replace every occurrence; without it there has to be exactly one.'),
});

const notFound = (shown: string, content: string, find: string): ToolResult => {
  const squeezed = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
  const nearly = squeezed(find) !== '' && squeezed(content).includes(squeezed(find));
  return failed(
    `The text to find is not in "${shown}"${nearly ? '; it is there with other spaces or line breaks' : ''}. Read the file and copy the text exactly.`,
  );
};

/** The content after the edit and how many places changed, or what is wrong with asking for it. */
const editOf = (
  content: string,
  input: z.infer<typeof editSchema>,
  shown: string,
): { readonly edited: string; readonly places: number } | ToolResult => {
  const pieces = content.split(input.find);
  const places = pieces.length - 1;
  if (places === 0) return notFound(shown, content, input.find);
  if (places > 1 && input.all !== true) {
    return failed(
      `The text to find is in "${shown}" ${places} times. Give more of what is around it, or set all to true.`,
    );
  }
  if (input.find === input.replace) return failed('Find and replace are the same: nothing would change.');
  return { edited: pieces.join(input.replace), places };
};

/** Why the file cannot be edited as text; null when it can. */
const notEditable = (file: ReadFile): string | null => {
  const { shown } = file.path;
  if (file.binary) return `"${shown}" is a binary file; it cannot be edited as text.`;
  if (file.size > file.content.length) return `"${shown}" is too large to be edited (${file.size} bytes).`;
  // What is no UTF-8 would come back changed in places that nobody asked to edit.
  return isUtf8(file.content)
    ? null
    : `"${shown}" is not UTF-8 text; it cannot be edited, only written as a whole.`;
};

const edit = async (
  worktree: Worktree,
  input: z.infer<typeof editSchema>,
  context: ToolContext,
): Promise<ToolResult> => {
  const file = await readConfined(worktree, input.path, context.limits.maxFileBytes);
  const objection = notEditable(file);
  if (objection !== null) return failed(objection);
  const { shown } = file.path;
  const content = file.content.toString('utf8');
  const announced = await announcedEdit(worktree, context.toolCallId);
  if (announced !== null && announced === contentHash(content)) return succeeded(`Edited "${shown}".`);
  const result = editOf(content, input, shown);
  if ('outcome' in result) return result;
  if (Buffer.byteLength(result.edited) > context.limits.maxFileBytes)
    return failed(`"${shown}" would become too large.`);
  await announceEdit(worktree, context.toolCallId, contentHash(result.edited));
  await writeConfined(worktree, file.path, result.edited, {
    toolCallId: context.toolCallId,
    mode: file.mode,
  });
  return succeeded(`Edited "${shown}"${result.places > 1 ? ` in ${result.places} places` : ''}.`);
};

export const editFileTool: Tool<z.infer<typeof editSchema>> = {
  name: 'edit_file',
  description:
    'Replaces a piece of a text file with another. The piece has to be there exactly once, unless all is true.',
  schema: editSchema,
  cost: 'free',
  needsApproval: false,
  redo: 'recognised',
  execute: (input, context) => onFiles(context, input.path, (worktree) => edit(worktree, input, context)),
};
