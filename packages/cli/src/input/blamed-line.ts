import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { type GitResult, git } from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';

/** What somebody asks about: `src/app.ts:42`, or a file as a whole. */
export interface FileReference {
  readonly file: string;
  readonly line: number | null;
}

/** @throws {PartituraError} `BAD_LINE` */
export const fileReference = (given: string): FileReference => {
  const [, file = given, digits] = /^(.+):(\d+)$/.exec(given) ?? [];
  if (digits === undefined) return { file: given, line: null };
  const line = Number(digits);
  if (line > 0 && Number.isSafeInteger(line)) return { file, line };
  throw new PartituraError('BAD_LINE', `${given}: lines are counted from 1.`);
};

/** A file of the repository that it stands in, by its path below the repository's top. */
export interface LocalFile {
  readonly top: string;
  readonly path: string;
}

const inRepository = (cwd: string, args: readonly string[], accept = [0]): Promise<GitResult> =>
  git(args, { cwd, access: 'user', accept });

/** Null where there is no repository. */
export const localFile = async (file: string, workingDirectory: string): Promise<LocalFile | null> => {
  const absolute = resolve(workingDirectory, file);
  const { there, rest } = await nearestDirectory(dirname(absolute), []);
  const { exitCode, stdout } = await inRepository(there, ['rev-parse', '--show-toplevel'], [0, 128]);
  if (exitCode !== 0) return null;
  const top = stdout.trim();
  return { top, path: relative(top, join(there, ...rest, basename(absolute))) };
};

/** With links followed, as git has it. A file of another branch may stand in a directory that this branch has not. */
const nearestDirectory = async (
  folder: string,
  rest: readonly string[],
): Promise<{ readonly there: string; readonly rest: readonly string[] }> => {
  const there = await realpath(folder).catch(() => null);
  if (there !== null || dirname(folder) === folder) return { there: there ?? folder, rest };
  return nearestDirectory(dirname(folder), [basename(folder), ...rest]);
};

/** Who wrote a line, as the work tree stands. */
export interface BlamedLine {
  /** Null: not committed. */
  readonly commit: string | null;
  readonly path: string;
  readonly line: number;
  readonly text: string;
  readonly author: string;
  readonly subject: string;
  readonly time: string;
  /** The run that says it made the commit. */
  readonly runId: string | null;
}

const isUncommitted = (commit: string): boolean => /^0+$/.test(commit);

/**
 * The commit of a line in somebody's own work tree. Null when the file is not in what is checked out there.
 * @throws {PartituraError} `BAD_LINE`
 */
export const blamedLine = async ({ top, path }: LocalFile, line: number): Promise<BlamedLine | null> => {
  const tracked = await inRepository(top, ['ls-files', '--error-unmatch', '--', `:(literal)${path}`], [0, 1]);
  if (tracked.exitCode !== 0) return null;
  const args = ['blame', '--porcelain', '-L', `${line},${line}`, '--', path];
  const blame = await inRepository(top, args, [0, 128]);
  const [, has] = /has only (\d+) lines?/.exec(blame.stderr) ?? [];
  if (has !== undefined) throw new PartituraError('BAD_LINE', `${path} has no line ${line}: it has ${has}.`);
  if (blame.exitCode !== 0) return null;
  const lines = blame.stdout.split('\n');
  const [commit = '', original = ''] = (lines[0] ?? '').split(' ');
  const said = (name: string): string =>
    lines.find((one) => one.startsWith(`${name} `))?.slice(name.length + 1) ?? '';
  const text = lines.find((one) => one.startsWith('\t'))?.slice(1) ?? '';
  const time = new Date(Number(said('author-time')) * 1_000).toISOString();
  const about = { path: said('filename'), line: Number(original), text, author: said('author'), time };
  if (isUncommitted(commit)) return { ...about, commit: null, subject: '', runId: null };
  return { ...about, commit, subject: said('summary'), runId: await runOf(top, commit) };
};

const runOf = async (top: string, commit: string): Promise<string | null> => {
  const format = '--format=%(trailers:key=Partitura-Run,valueonly,separator=%x1f)';
  const { stdout } = await inRepository(top, ['log', '-1', format, commit, '--']);
  const [first = '', ...others] = stdout.trim().split('\u001f');
  return first === '' || others.some((one) => one !== first) ? null : first;
};

/** Where the work tree's repository comes from: what a project may be called by. */
export const addressesOf = async ({ top }: LocalFile): Promise<readonly string[]> => {
  const { stdout } = await inRepository(top, ['config', '--get-regexp', '^remote\\..*\\.url$'], [0, 1]);
  const remotes = stdout.split('\n').flatMap((line) => line.split(' ').slice(1, 2));
  return [top, `file://${top}`, ...remotes];
};
