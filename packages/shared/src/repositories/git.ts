import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { GitError } from './errors.ts';
import { configurationArguments, type GitAccess, gitEnvironment } from './git-environment.ts';
import type { CommitIdentity } from './port.ts';

export interface GitOptions {
  /** Absolute. Where git runs; the default is the git directory, else the root: never wherever the process happens to be. */
  readonly cwd?: string;
  /** Given explicitly, git looks for no repository by itself, and believes no `.git` file that an agent may have written. */
  readonly gitDirectory?: string;
  readonly workTree?: string;
  /** Default: `isolated`. */
  readonly access?: GitAccess;
  /** Author and committer. */
  readonly identity?: CommitIdentity;
  readonly input?: string;
  /** Milliseconds; default two minutes. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Exit codes that are answers and not failures; default only 0. */
  readonly accept?: readonly number[];
  /** Bytes of standard output kept; more than that is a failure unless `cutOutput`. Default 64 MiB. */
  readonly maxOutputBytes?: number;
  readonly cutOutput?: boolean;
}

export interface GitResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** The output was longer than `maxOutputBytes`. */
  readonly cut: boolean;
}

const defaultTimeoutMs = 120_000;
const defaultMaxOutputBytes = 64 * 1024 * 1024;
const maxStderrBytes = 64 * 1024;

/** `--git-dir` of the git processes that we started and that still go on, counted: whoever finds a lock asks here first. */
const running = new Map<string, number>();

/** Whether a git process of this Node process works on the git directory right now. */
export const isGitRunningOn = (gitDirectory: string): boolean => (running.get(gitDirectory) ?? 0) > 0;

const count = (gitDirectory: string | undefined, by: 1 | -1): void => {
  if (gitDirectory === undefined) return;
  const next = (running.get(gitDirectory) ?? 0) + by;
  if (next > 0) running.set(gitDirectory, next);
  else running.delete(gitDirectory);
};

const identityEnvironment = (identity: CommitIdentity | undefined): Record<string, string> =>
  identity === undefined
    ? {}
    : {
        GIT_AUTHOR_NAME: identity.name,
        GIT_AUTHOR_EMAIL: identity.email,
        GIT_COMMITTER_NAME: identity.name,
        GIT_COMMITTER_EMAIL: identity.email,
      };

const placeOf = (options: GitOptions): string =>
  options.cwd ?? options.workTree ?? options.gitDirectory ?? '/';

const start = (args: readonly string[], options: GitOptions): ChildProcess => {
  const access = options.access ?? 'isolated';
  const place = [
    ...(options.gitDirectory === undefined ? [] : [`--git-dir=${options.gitDirectory}`]),
    ...(options.workTree === undefined ? [] : [`--work-tree=${options.workTree}`]),
  ];
  return spawn('git', [...configurationArguments(access), ...place, ...args], {
    cwd: placeOf(options),
    env: { ...gitEnvironment(access, process.env), ...identityEnvironment(options.identity) },
    // A session of its own: no terminal to ask questions on, Ctrl-C does not cut a push in half, and one signal ends git
    // together with the ssh or helper that it started.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
};

const killGroup = (child: ChildProcess): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
};

interface Output {
  readonly chunks: Buffer[];
  bytes: number;
  cut: boolean;
}

const keep = (output: Output, chunk: Buffer, limit: number): void => {
  const room = limit - output.bytes;
  if (chunk.length > room) output.cut = true;
  if (room <= 0) return;
  const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
  output.chunks.push(part);
  output.bytes += part.length;
};

const text = (output: Output): string => Buffer.concat(output.chunks).toString('utf8');

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly timedOut: boolean;
}

const ending = (child: ChildProcess, options: GitOptions): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const limit = options.maxOutputBytes ?? defaultMaxOutputBytes;
    const stdout: Output = { chunks: [], bytes: 0, cut: false };
    const stderr: Output = { chunks: [], bytes: 0, cut: false };
    let timedOut = false;
    const abort = () => killGroup(child);
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup(child);
    }, options.timeoutMs ?? defaultTimeoutMs);
    const tidy = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
    };
    options.signal?.addEventListener('abort', abort, { once: true });
    child.stdout?.on('data', (chunk: Buffer) => {
      keep(stdout, chunk, limit);
      if (stdout.cut) killGroup(child);
    });
    child.stderr?.on('data', (chunk: Buffer) => keep(stderr, chunk, maxStderrBytes));
    // Git may end without having read all of its input; what it answered says whether that was right.
    child.stdin?.on('error', () => undefined);
    child.on('error', (error) => {
      tidy();
      reject(error);
    });
    child.on('close', (exitCode) => {
      tidy();
      resolve({ exitCode, stdout, stderr, timedOut });
    });
    child.stdin?.end(options.input ?? '');
  });

const failure = (args: readonly string[], ended: Ended, options: GitOptions): GitError => {
  const command = `git ${args.join(' ')}`;
  const stderr = text(ended.stderr).trim();
  const details = { command, exitCode: ended.exitCode, stderr };
  if (ended.timedOut) {
    const seconds = Math.round((options.timeoutMs ?? defaultTimeoutMs) / 1000);
    return new GitError('GIT_TIMED_OUT', `"${command}" did not end within ${seconds} s.`, details);
  }
  if (ended.stdout.cut)
    return new GitError('GIT_OUTPUT_TOO_LARGE', `"${command}" answered more than can be read.`, details);
  const said = stderr === '' ? `exit code ${ended.exitCode}` : stderr.slice(0, 2_000);
  return new GitError('GIT_FAILED', `"${command}" failed: ${said}`, details);
};

/** Errors of Node itself have a code, whichever realm they come from. */
const systemCodeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

const notStarted = (args: readonly string[], cwd: string, error: unknown): GitError => {
  const details = { command: `git ${args.join(' ')}`, exitCode: null, stderr: '', cause: error };
  // Node reports a missing working directory as if the program were missing.
  if (systemCodeOf(error) === 'ENOENT' && existsSync(cwd)) {
    return new GitError('GIT_NOT_INSTALLED', 'The program "git" cannot be found on PATH.', {
      ...details,
      advice: 'Install git (https://git-scm.com/downloads) and start again.',
    });
  }
  return new GitError('GIT_FAILED', `git could not be started in ${cwd}: ${String(error)}`, details);
};

/**
 * Runs one git command, hardened: no hooks, no file system monitor, no `ext` protocol, no questions, and (`isolated`) no configuration
 * but the repository's own. Whoever calls puts `--` before what is not an option.
 * @throws {GitError} GIT_NOT_INSTALLED, GIT_FAILED, GIT_TIMED_OUT, GIT_OUTPUT_TOO_LARGE; the signal's reason when aborted
 */
export const git = async (args: readonly string[], options: GitOptions = {}): Promise<GitResult> => {
  options.signal?.throwIfAborted();
  count(options.gitDirectory, 1);
  let ended: Ended;
  try {
    ended = await ending(start(args, options), options);
  } catch (error) {
    throw notStarted(args, placeOf(options), error);
  } finally {
    count(options.gitDirectory, -1);
  }
  options.signal?.throwIfAborted();
  if (ended.stdout.cut && options.cutOutput === true) {
    return { stdout: text(ended.stdout), stderr: text(ended.stderr), exitCode: 0, cut: true };
  }
  const accepted = options.accept ?? [0];
  if (ended.timedOut || ended.stdout.cut || ended.exitCode === null || !accepted.includes(ended.exitCode)) {
    throw failure(args, ended, options);
  }
  return { stdout: text(ended.stdout), stderr: text(ended.stderr), exitCode: ended.exitCode, cut: false };
};
