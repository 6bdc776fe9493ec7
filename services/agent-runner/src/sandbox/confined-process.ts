import { type ChildProcess, spawn } from 'node:child_process';
import { limits } from './limits.ts';
import { outputCollector } from './output.ts';
import type { SandboxCommand, SandboxResult } from './port.ts';
import { enteringCgroup, openProcessCgroup } from './process-cgroup.ts';
import { treeOf } from './process-table.ts';

export interface ProcessStart {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Ends everything that the command started. */
  readonly kill: (child: ChildProcess) => Promise<void>;
}

export interface ProcessEnd extends SandboxResult {
  /** What the sandbox program itself said, apart from the command. */
  readonly complaint: string;
}

const watchIntervalMs = 200;
const maxComplaintBytes = 8_192;

const exceeded = async (pid: number): Promise<SandboxResult['limit']> => {
  const tree = await treeOf(pid);
  if (tree.processes > limits.processes) return 'processes';
  return tree.residentBytes > limits.memoryBytes ? 'memory' : null;
};

/** Looks again a while after the last look ended: a busy machine is not made busier. */
const watchLimits = (pid: number, onExceeded: (limit: 'memory' | 'processes') => void): (() => void) => {
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;
  const look = async (): Promise<void> => {
    const limit = await exceeded(pid).catch(() => null);
    if (stopped) return;
    if (limit !== null) onExceeded(limit);
    timer = setTimeout(() => void look(), watchIntervalMs);
  };
  timer = setTimeout(() => void look(), watchIntervalMs);
  return () => {
    stopped = true;
    if (timer !== null) clearTimeout(timer);
  };
};

/**
 * Runs the program until it and all it started are gone, or until time, a limit or the signal ends them.
 * @throws the signal's reason, once everything is gone; Node's error when the program cannot be started
 */
const superviseProcess = (start: ProcessStart, command: SandboxCommand): Promise<ProcessEnd> =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const output = outputCollector(command.maxOutputBytes);
    const complaint = outputCollector(maxComplaintBytes);
    let timedOut = false;
    let limit: SandboxResult['limit'] = null;
    const child = spawn(start.program, [...start.args], {
      cwd: start.cwd,
      env: start.environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let killing: Promise<void> | null = null;
    const kill = (): void => {
      killing ??= start.kill(child).catch(() => undefined);
    };
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, command.timeoutMs);
    const stopWatching =
      child.pid === undefined
        ? () => undefined
        : watchLimits(child.pid, (which) => {
            limit ??= which;
            kill();
          });
    const tidy = (): void => {
      clearTimeout(timer);
      stopWatching();
      command.signal.removeEventListener('abort', kill);
    };
    command.signal.addEventListener('abort', kill, { once: true });
    if (command.signal.aborted) kill();
    child.stdout.on('data', (chunk: Buffer) => output.add(chunk));
    child.stderr.on('data', (chunk: Buffer) => complaint.add(chunk));
    child.on('error', (error) => {
      tidy();
      reject(error);
    });
    // A child that goes on in the background keeps the pipe open: the command is over when its own process is.
    child.on('exit', () => kill());
    child.on('close', (exitCode, signal) => {
      tidy();
      const end: ProcessEnd = {
        exitCode,
        signal,
        output: output.text(),
        timedOut,
        truncated: output.truncated(),
        durationMs: Math.round(performance.now() - startedAt),
        limit,
        complaint: complaint.text().trim(),
      };
      void (killing ?? Promise.resolve()).then(() => {
        if (command.signal.aborted) reject(command.signal.reason);
        else resolve(end);
      });
    });
  });

/** As above, with its processes counted by the kernel where that takes a control group. */
export const runProcess = async (start: ProcessStart, command: SandboxCommand): Promise<ProcessEnd> => {
  const group = await openProcessCgroup();
  try {
    return await superviseProcess({ ...start, ...enteringCgroup(group, start.program, start.args) }, command);
  } finally {
    await group?.close();
  }
};

/** The group of the sandbox program: with it dies the init of its process namespace, and with that everything in there. */
export const killGroup = async (child: ChildProcess): Promise<void> => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
};
