import { PartituraError } from '../runtime/errors.ts';

/** Git said no. `stderr` is git's own words, for those who want more than the message. */
export class GitError extends PartituraError {
  /** Without the hardening flags, as a person would type it. */
  readonly command: string;
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(
    code: string,
    message: string,
    details: { command: string; exitCode: number | null; stderr: string; advice?: string; cause?: unknown },
  ) {
    super(code, message, {
      ...(details.advice === undefined ? {} : { advice: details.advice }),
      ...(details.cause === undefined ? {} : { cause: details.cause }),
    });
    this.name = 'GitError';
    this.command = details.command;
    this.exitCode = details.exitCode;
    this.stderr = details.stderr;
  }
}

/** There are changes that no commit has: the one asking may decide to go on without them. */
export class RepositoryDirtyError extends PartituraError {
  /** Five at the most. */
  readonly files: readonly string[];
  /** All of them. */
  readonly count: number;

  constructor(url: string, files: readonly string[], count: number) {
    const more = count > files.length ? ` and ${count - files.length} more` : '';
    super(
      'REPOSITORY_DIRTY',
      `${url} has uncommitted changes that the run would not see: ${files.join(', ')}${more}.`,
      { advice: 'Commit or stash them, or say that the run may start from the last commit.' },
    );
    this.name = 'RepositoryDirtyError';
    this.files = files;
    this.count = count;
  }
}
