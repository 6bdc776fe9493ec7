import type { CheckResult } from '@partitura/shared/events';
import type { Contents } from '../agents/contents.ts';
import type { Sandbox } from '../sandbox/port.ts';
import type { Worktree } from '../workspaces/port.ts';
import type { ProjectChecks } from './port.ts';

export interface RunningChecks {
  readonly checks: ProjectChecks;
  readonly contents: Pick<Contents, 'keepOutput'>;
  /** Of each command, in milliseconds. */
  readonly checkTimeoutMs: number;
}

/** Runs the project's own checks in a work tree, and keeps what they said. */
export const runChecks = async (
  { checks, contents, checkTimeoutMs: timeoutMs }: RunningChecks,
  { path, gitDirectory, repository }: Worktree,
  sandbox: Sandbox | null,
  signal: AbortSignal,
): Promise<CheckResult[]> => {
  const where = { path, gitDirectory, repositoryPath: repository.path };
  const outcomes = await checks.run(where, sandbox, { timeoutMs, signal });
  return Promise.all(
    outcomes.map(async (one) => ({ ...one, output: await contents.keepOutput(one.output) })),
  );
};
