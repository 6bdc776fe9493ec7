import type { CallContext, OperationOutput, Operations } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { onClone } from '../workspaces/clone.ts';
import { findPlace, type Place, type PlaceDependencies } from './places.ts';

type CodeDifference = OperationOutput<Operations['getCodeDifference']>;

const mostPatchBytes = 256 * 1024;
const plain = ['--no-ext-diff', '--no-textconv', '--no-color', '--no-renames'];

/** Lines of `--numstat -z`: insertions, deletions (both `-` for a binary file), path. */
const changedFiles = (stdout: string): CodeDifference['files'] =>
  stdout
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [insertions = '', deletions = '', ...path] = line.split('\t');
      const isBinary = insertions === '-';
      return {
        path: path.join('\t'),
        insertions: isBinary ? null : Number(insertions),
        deletions: isBinary ? null : Number(deletions),
      };
    });

const sum = (values: readonly (number | null)[]): number =>
  values.reduce<number>((total, value) => total + (value ?? 0), 0);

const sideOf = ({ runId, branch, commit }: Place) => ({ runId: runId ?? '', branch: branch ?? '', commit });

/**
 * What the code of one run is other than that of another, both as their branches stand.
 * @throws {PartituraError} `RUNS_OF_DIFFERENT_PROJECTS`, and as `findPlace` for each of them
 */
export const codeDifference = async (
  dependencies: PlaceDependencies,
  reader: Pick<CallContext, 'organizationId'>,
  { from, to }: { readonly from: string; readonly to: string },
  signal: AbortSignal,
): Promise<CodeDifference> => {
  const first = await findPlace(dependencies, reader, { runId: from }, signal);
  const second = await findPlace(dependencies, reader, { runId: to }, signal);
  if (first.projectId !== second.projectId)
    throw new PartituraError(
      'RUNS_OF_DIFFERENT_PROJECTS',
      `${from} is a run of ${first.projectId}, and ${to} of ${second.projectId}: their code has nothing in common to be compared.`,
      { advice: 'Compare runs of one project, forks of each other for example.' },
    );
  const range = [first.commit, second.commit, '--'];
  const numbers = await onClone(first.repository, ['diff', '--numstat', '-z', ...plain, ...range], {
    signal,
  });
  const patch = await onClone(first.repository, ['diff', ...plain, ...range], {
    signal,
    maxOutputBytes: mostPatchBytes,
    cutOutput: true,
  });
  const files = changedFiles(numbers.stdout);
  return {
    from: sideOf(first),
    to: sideOf(second),
    files,
    filesChanged: files.length,
    insertions: sum(files.map(({ insertions }) => insertions)),
    deletions: sum(files.map(({ deletions }) => deletions)),
    patch: patch.stdout,
    truncated: patch.cut,
  };
};
