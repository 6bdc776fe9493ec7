import { join } from 'node:path';
import { PartituraError } from '@partitura/shared/runtime';
import type { Sandbox, SandboxCommand, SandboxResult } from '../sandbox/index.ts';
import { readTestCounts } from './counts.ts';
import { detectCommands } from './detect.ts';
import type { CheckedWorktree, CheckOutcome, ProjectChecks, ProjectCommand } from './port.ts';

const maxOutputBytes = 256 * 1024;
const probeTimeoutMs = 30_000;

/** What has to be there for the command to say anything about the work. */
const requirement = (command: ProjectCommand): string => {
  const program = command.command.split(' ')[0] ?? '';
  return command.runner === 'pytest' ? 'python3 -c "import pytest"' : `command -v ${program}`;
};

/** Said by tools that would need the network: nothing about the work. A pattern has to be sure of that; in doubt the check failed. */
const needsNetwork: Readonly<Partial<Record<ProjectCommand['runner'], RegExp>>> = {
  go: /module lookup disabled by GOPROXY=off|missing go\.sum entry|cannot find module providing package .*GOPROXY|toolchain not available/,
  cargo:
    /no matching package named .* found[\s\S]*offline|failed to (download|get) .*|attempting to make an HTTP request, but --offline|the lock file .* needs to be updated but --locked/,
};

const noTests: Readonly<Partial<Record<ProjectCommand['runner'], number>>> = { pytest: 5 };

const unavailable = (command: ProjectCommand, why: string, durationMs = 0): CheckOutcome => ({
  name: command.name,
  command: command.command,
  outcome: 'unavailable',
  exitCode: null,
  durationMs,
  passed: null,
  failed: null,
  output: why,
});

const stopped = (result: SandboxResult): string => {
  if (result.timedOut) return '\n[The command took too long and was stopped.]';
  return result.limit === null ? '' : `\n[The command used too much (${result.limit}) and was stopped.]`;
};

/** Passing needs an exit code of 0 and no test that failed: a runner that swallows its failures convinces nobody. */
const judge = (command: ProjectCommand, result: SandboxResult): CheckOutcome => {
  if (result.exitCode !== 0 && needsNetwork[command.runner]?.test(result.output)) {
    return unavailable(
      command,
      `The project's dependencies are not here, and there is no network:\n${result.output}`,
      result.durationMs,
    );
  }
  if (result.exitCode !== null && result.exitCode === noTests[command.runner]) {
    return unavailable(command, 'There are no tests yet.', result.durationMs);
  }
  const counts = readTestCounts(result.output);
  const passed =
    result.exitCode === 0 && !result.timedOut && result.limit === null && (counts?.failed ?? 0) === 0;
  return {
    name: command.name,
    command: command.command,
    outcome: passed ? 'passed' : 'failed',
    exitCode: result.exitCode,
    durationMs: result.durationMs,
    passed: counts?.passed ?? null,
    failed: counts?.failed ?? null,
    output: `${result.output}${stopped(result)}`,
  };
};

interface CheckOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What was there once stays: programs are not looked for before every check. What was not is looked for again. */
type Found = WeakMap<Sandbox, Set<string>>;

const isThere = async (
  needed: string,
  place: Omit<SandboxCommand, 'command'>,
  sandbox: Sandbox,
  found: Found,
): Promise<boolean> => {
  const known = found.get(sandbox) ?? new Set();
  if (known.has(needed)) return true;
  const { exitCode } = await sandbox.run({ ...place, command: needed, timeoutMs: probeTimeoutMs });
  if (exitCode === 0) found.set(sandbox, known.add(needed));
  return exitCode === 0;
};

const commandIn = (
  worktree: CheckedWorktree,
  folder: string,
  options: CheckOptions,
): Omit<SandboxCommand, 'command'> => ({
  cwd: join(worktree.path, folder),
  writable: [worktree.path],
  readOnly: [join(worktree.path, '.git'), worktree.gitDirectory, worktree.repositoryPath],
  // What is built goes where it leaves no trace in the work tree.
  environment: { CI: 'true', CARGO_TARGET_DIR: '/tmp/cargo-target', PYTEST_ADDOPTS: '-p no:cacheprovider' },
  timeoutMs: options.timeoutMs,
  maxOutputBytes,
  network: false,
  signal: options.signal,
});

const check = async (
  command: ProjectCommand,
  worktree: CheckedWorktree,
  sandbox: Sandbox,
  options: CheckOptions,
  found: Found,
): Promise<CheckOutcome> => {
  if (command.unavailable !== null) return unavailable(command, command.unavailable);
  const place = commandIn(worktree, command.folder, options);
  const needed = requirement(command);
  if (!(await isThere(needed, place, sandbox, found)))
    return unavailable(
      command,
      `It cannot be run here: "${needed}" says that what it needs is not installed.`,
    );
  return judge(command, await sandbox.run({ ...place, command: command.command }));
};

const explain = (command: ProjectCommand, error: unknown): CheckOutcome => {
  if (error instanceof PartituraError) return unavailable(command, error.message);
  throw error;
};

export const projectChecks = (found: Found = new WeakMap()): ProjectChecks => ({
  detect: detectCommands,
  run: async (worktree, sandbox, options) => {
    const outcomes: CheckOutcome[] = [];
    for (const command of await detectCommands(worktree.path)) {
      options.signal.throwIfAborted();
      if (sandbox === null) {
        outcomes.push(unavailable(command, 'There is no sandbox here to run it in.'));
        continue;
      }
      const outcome = check(command, worktree, sandbox, options, found);
      outcomes.push(
        await outcome.catch((error: unknown) => {
          options.signal.throwIfAborted();
          return explain(command, error);
        }),
      );
    }
    return outcomes;
  },
});
