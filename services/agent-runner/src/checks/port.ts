import type { Sandbox } from '../sandbox/port.ts';

/** A command of the project's own that says whether work holds. */
export interface ProjectCommand {
  /** `test`, `lint`, `build`, `typecheck`; with the folder in front when it is not the root's: `server:test`. */
  readonly name: string;
  /** As a person would type it. */
  readonly command: string;
  /** Relative to the worktree; `.` is its root. */
  readonly folder: string;
  readonly runner: 'npm' | 'node' | 'pytest' | 'unittest' | 'go' | 'cargo' | 'make';
  /** Why it cannot be run here; null when it can. */
  readonly unavailable: string | null;
}

/** As `CheckResult` of the events, with the output itself: whoever records it makes the blob. */
export interface CheckOutcome {
  readonly name: string;
  readonly command: string;
  readonly outcome: 'passed' | 'failed' | 'unavailable';
  readonly exitCode: number | null;
  readonly durationMs: number;
  readonly passed: number | null;
  readonly failed: number | null;
  /** What the command said; for `unavailable`, why. */
  readonly output: string;
}

export interface CheckedWorktree {
  readonly path: string;
  readonly gitDirectory: string;
  readonly repositoryPath: string;
}

export interface ProjectChecks {
  /** The commands found in the worktree's files; none is an answer too. */
  detect(worktreePath: string): Promise<readonly ProjectCommand[]>;
  /** Runs them one after the other. Without a sandbox, or without the toolchain, a check is `unavailable`, never `passed`. */
  run(
    worktree: CheckedWorktree,
    sandbox: Sandbox | null,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<readonly CheckOutcome[]>;
}
