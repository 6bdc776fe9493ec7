/** One command, run where it can do no harm. */
export interface SandboxCommand {
  /** A string is for the shell (`/bin/sh -c`); a list is run as it is. */
  readonly command: string | readonly string[];
  /** Absolute; has to be `writable`, `readOnly`, or within one of them. */
  readonly cwd: string;
  /** Absolute paths that the command may change. */
  readonly writable: readonly string[];
  /** Absolute paths that the command may read; one within a `writable` path takes the right to write there away again. */
  readonly readOnly: readonly string[];
  /** Everything that the command sees of the environment, besides PATH, HOME and the like. Nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Bytes of output kept: its head and its tail. */
  readonly maxOutputBytes: number;
  /** True only when the operator allowed it. */
  readonly network: boolean;
  readonly signal: AbortSignal;
}

export interface SandboxResult {
  /** Null when a signal ended the command. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Standard output and error as they came, interleaved; head and tail with a note between when it was too much. */
  readonly output: string;
  readonly timedOut: boolean;
  readonly truncated: boolean;
  readonly durationMs: number;
  /** Which limit ended the command, if one did: `memory`, `processes`. */
  readonly limit: 'memory' | 'processes' | null;
}

export interface Sandbox {
  /** What the log says about how commands were confined: `bubblewrap`, `unshare`, `none (operator’s choice)`. */
  readonly name: string;
  /** False when the operator chose to run without. */
  readonly confines: boolean;
  /**
   * @throws {PartituraError} SANDBOX_FAILED when the confinement itself could not be set up: the command did not run.
   * An aborted signal rejects with the signal's reason, after the whole process tree is gone.
   */
  run(command: SandboxCommand): Promise<SandboxResult>;
}
