import type { GitResult } from '@partitura/shared/repositories';
import { onClone } from '../workspaces/clone.ts';
import type { ProjectRepository } from '../workspaces/port.ts';
import type { ExplainedCommit } from './resource.ts';

/** What a commit says of itself. */
export interface NamedCommit extends ExplainedCommit {
  readonly parents: readonly string[];
  /** Different attempts stand in its trailers: somebody made one commit of several. */
  readonly severalAttempts: boolean;
}

const trailer = (key: string): string => `%(trailers:key=${key},valueonly,separator=%x1f)`;
const fields = [
  '%H',
  '%P',
  '%an',
  '%aI',
  '%s',
  trailer('Partitura-Run'),
  trailer('Partitura-Task'),
  trailer('Partitura-Attempt'),
  trailer('Partitura-Cycle'),
];
const format = `--format=${fields.join('%x00')}%x1e`;

const different = (text: string): readonly string[] => [
  ...new Set(
    text
      .split('\u001f')
      .map((value) => value.trim())
      .filter((value) => value !== ''),
  ),
];

/** Trailers are only a claim: they have to agree with each other here, and with the log later. */
const claimIn = (runs: readonly string[], tasks: readonly string[], attempts: readonly string[]) => {
  const [runId = null, anotherRun] = runs;
  const [taskId = null, anotherTask] = tasks;
  const [attemptId = null, anotherAttempt] = attempts;
  const one = anotherRun === undefined && anotherTask === undefined && anotherAttempt === undefined;
  const agrees = taskId?.startsWith(`${runId}.`) === true && attemptId?.startsWith(`${taskId}.a`) === true;
  return one && agrees ? { runId, taskId, attemptId } : { runId: null, taskId: null, attemptId: null };
};

const kindOf = (isClaimed: boolean, cycles: readonly string[], parents: readonly string[]) => {
  if (!isClaimed) return 'outside' as const;
  // Only checkpoints name the cycle they are of.
  if (cycles.length === 0) return 'merge' as const;
  return parents.length > 1 ? ('resolution' as const) : ('checkpoint' as const);
};

const readCommit = (record: string): NamedCommit => {
  const [id = '', parentList = '', author = '', time = '', subject = '', ...trailers] =
    record.split('\u0000');
  const [runs = [], tasks = [], attempts = [], cycles = []] = trailers.map(different);
  const parents = parentList.split(' ').filter((parent) => parent !== '');
  const claim = claimIn(runs, tasks, attempts);
  return {
    id,
    kind: kindOf(claim.attemptId !== null, cycles, parents),
    author,
    time,
    subject,
    ...claim,
    parents,
    severalAttempts: attempts.length > 1,
  };
};

const readCommits = ({ stdout }: GitResult): readonly NamedCommit[] =>
  stdout
    .split('\u001e')
    .map((record) => record.replace(/^\n/, ''))
    .filter((record) => record !== '')
    .map(readCommit);

export const commitNamed = async (
  repository: ProjectRepository,
  id: string,
  signal: AbortSignal,
): Promise<NamedCommit> => {
  const [commit] = readCommits(await onClone(repository, ['log', '-1', format, id, '--'], { signal }));
  if (commit) return commit;
  throw new RangeError(`git has nothing to say of the commit ${id}`);
};

const mostCommits = 100;

/** Those that changed the file, newest first; without merges that only brought such commits in. */
export const commitsOf = async (
  repository: ProjectRepository,
  tip: string,
  path: string,
  signal: AbortSignal,
): Promise<readonly NamedCommit[]> => {
  const args = ['log', `--max-count=${mostCommits}`, format, tip, '--', `:(literal,top)${path}`];
  return readCommits(await onClone(repository, args, { signal }));
};
