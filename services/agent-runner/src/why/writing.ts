import { posix } from 'node:path';
import { z } from 'zod';

/** A use of a tool that may have changed files, in the order of the log. */
export interface Use {
  readonly toolCallId: string;
  readonly tool: string;
  /** As recorded. */
  readonly arguments: unknown;
}

export interface Written {
  readonly toolCallId: string;
  readonly certainty: 'wrote' | 'touched' | 'command';
}

const written = z.object({ path: z.string(), content: z.string() });
const edited = z.object({
  path: z.string(),
  find: z.string(),
  replace: z.string(),
  all: z.boolean().optional(),
});

const linesOf = (content: string): readonly string[] =>
  content.split('\n').map((line) => line.replace(/\r$/, ''));

const count = (content: string | null, line: string): number =>
  content === null ? 0 : linesOf(content).filter((one) => one === line).length;

const isPath = (given: string, path: string): boolean => posix.normalize(given) === path;

/** What a use leaves of the file: its content, or null where that cannot be told any more; undefined when it leaves the file alone. */
const after = (use: Use, path: string, before: string | null): string | null | undefined => {
  if (use.tool === 'write_file') {
    const { success, data } = written.safeParse(use.arguments);
    return success && isPath(data.path, path) ? data.content : undefined;
  }
  if (use.tool !== 'edit_file') return undefined;
  const { success, data } = edited.safeParse(use.arguments);
  if (!success || !isPath(data.path, path)) return undefined;
  if (before === null || !before.includes(data.find)) return null;
  const pieces = before.split(data.find);
  return data.all === true
    ? pieces.join(data.replace)
    : [pieces[0], pieces.slice(1).join(data.find)].join(data.replace);
};

/** Where the content is not known any more: whether what an edit put in has the line, or is a piece of it. */
const putIn = ({ arguments: given }: Use, line: string): boolean => {
  const { success, data } = edited.safeParse(given);
  if (!success) return false;
  const pieces = linesOf(data.replace).filter((piece) => piece.trim() !== '');
  return pieces.some((piece) => piece === line || (pieces.length === 1 && line.includes(piece)));
};

/**
 * The use with which a line came into a file: the last one before which it was there less often than after it. Without such a one, the
 * last that wrote the file; without that, the last command. Null when none of them can have been it.
 * @param before the file as the agent found it; null when it was not there
 */
export const whoWrote = (
  uses: readonly Use[],
  { path, line, before }: { readonly path: string; readonly line: string; readonly before: string | null },
): Written | null => {
  let content = before;
  let wrote: string | null = null;
  let touched: string | null = null;
  let command: string | null = null;
  for (const use of uses) {
    if (use.tool === 'run_command') command = use.toolCallId;
    const next = after(use, path, content);
    if (next === undefined) continue;
    const came = next === null ? putIn(use, line) : count(next, line) > count(content, line);
    if (came) wrote = use.toolCallId;
    touched = use.toolCallId;
    content = next;
  }
  if (wrote !== null) return { toolCallId: wrote, certainty: 'wrote' };
  if (touched !== null) return { toolCallId: touched, certainty: 'touched' };
  return command === null ? null : { toolCallId: command, certainty: 'command' };
};
