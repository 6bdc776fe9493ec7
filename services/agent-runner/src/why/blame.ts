import { GitError } from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';
import { onClone } from '../workspaces/clone.ts';
import type { ProjectRepository } from '../workspaces/port.ts';

/** Who wrote a line: the commit, and where the line stood in it. */
export interface Blamed {
  readonly commit: string;
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

const notFile = (path: string, commit: string, what: string): PartituraError =>
  new PartituraError('FILE_NOT_FOUND', `"${path}" ${what} in ${commit.slice(0, 12)}.`, {
    advice: 'See what there is with: git ls-tree -r --name-only on that commit',
  });

/** @throws {PartituraError} `FILE_NOT_FOUND` */
export const requireFile = async (
  repository: ProjectRepository,
  commit: string,
  path: string,
  signal: AbortSignal,
): Promise<void> => {
  const args = ['ls-tree', '-z', '--full-tree', commit, '--', path];
  const { stdout } = await onClone(repository, args, { signal });
  const [, mode, type] = /^(\d+) (\w+) /.exec(stdout) ?? [];
  if (type === undefined) throw notFile(path, commit, 'is not there');
  if (type === 'tree') throw notFile(path, commit, 'is a directory');
  if (type === 'commit') throw notFile(path, commit, 'is another repository');
  if (mode === '120000') throw notFile(path, commit, 'is a symbolic link');
};

const badLine = (line: number, path: string, has: string | undefined): PartituraError =>
  new PartituraError('BAD_LINE', `"${path}" has no line ${line}: it has ${has ?? 'fewer'}.`, {
    advice: 'Lines are counted from 1, in the file as it stands in the commit that is looked at.',
  });

/**
 * The commit that a line comes from, through renames of its file.
 * @throws {PartituraError} `BAD_LINE`
 */
export const blameLine = async (
  repository: ProjectRepository,
  { commit, path, line }: { readonly commit: string; readonly path: string; readonly line: number },
  signal: AbortSignal,
): Promise<Blamed> => {
  const args = ['blame', '--porcelain', '-L', `${line},${line}`, commit, '--', path];
  const { stdout } = await onClone(repository, args, { signal }).catch((error: unknown) => {
    const [, has] = /has only (\d+) lines?/.exec(error instanceof GitError ? error.stderr : '') ?? [];
    throw has === undefined ? error : badLine(line, path, has);
  });
  const lines = stdout.split('\n');
  const [id = '', original = ''] = (lines[0] ?? '').split(' ');
  const name = lines.find((one) => one.startsWith('filename '))?.slice('filename '.length);
  const text = lines.find((one) => one.startsWith('\t'))?.slice(1);
  if (text === undefined) throw badLine(line, path, '0');
  return { commit: id, path: name ?? path, line: Number(original), text: text.replace(/\r$/, '') };
};

/** A file as it stands in a commit; null when it is not there. */
export const fileAt = async (
  repository: ProjectRepository,
  commit: string,
  path: string,
  signal: AbortSignal,
): Promise<string | null> => {
  const args = ['cat-file', 'blob', `${commit}:${path}`];
  const { stdout, exitCode } = await onClone(repository, args, { signal, accept: [0, 1, 128] });
  return exitCode === 0 ? stdout : null;
};
