import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process, told from a later one that got the same number. */
export interface ProcessIdentity {
  readonly processId: number;
  /** As `record-and-run.sh` writes it: the machine's start and the clock tick of the process's, or its date. */
  readonly started: string;
}

/** What `record-and-run.sh` has written; null when there is nothing, or not all of it. */
export const recordedProcess = (file: string): ProcessIdentity | null => {
  const [, number, started] = /^(\d+) (.+)\n$/.exec(textOf(file) ?? '') ?? [];
  return number === undefined || started === undefined ? null : { processId: Number(number), started };
};

/** Whether that very process is there still. */
export const isAlive = ({ processId, started }: ProcessIdentity): boolean => startOf(processId) === started;

/** Resident memory in bytes; null when the system does not say. */
export const memoryOf = ({ processId }: ProcessIdentity): number | null => {
  const status = textOf(`/proc/${processId}/status`);
  const kilobytes =
    status === null ? ask(processId, 'rss=') : (/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? '');
  return kilobytes === '' ? null : Number(kilobytes) * 1_024;
};

/**
 * Ends that very process and waits until it is gone; harmless when it is.
 * @param patienceMs until it is killed: a server that hangs, or was stopped with SIGSTOP, does not get to keep us
 */
export const endProcess = async (
  identity: ProcessIdentity,
  signal: NodeJS.Signals = 'SIGTERM',
  patienceMs = 10_000,
): Promise<void> => {
  const deadline = Date.now() + patienceMs;
  let next: NodeJS.Signals | null = signal;
  while (isAlive(identity)) {
    // One that was stopped could not listen.
    if (next) for (const each of [next, 'SIGCONT'] as const) send(identity.processId, each);
    next = Date.now() > deadline ? 'SIGKILL' : null;
    await sleep(25);
  }
};

const send = (processId: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(processId, signal);
  } catch (error) {
    // Gone since we looked.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};

/** When the process started; null when there is none, or only its exit code is left. */
const startOf = (processId: number): string | null => {
  const stat = textOf(`/proc/${processId}/stat`);
  if (stat === null) {
    const state = ask(processId, 'state=');
    return state === '' || state.startsWith('Z') ? null : ask(processId, 'lstart=');
  }
  // Its name stands in parentheses and may have any character.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return null;
  return `${(textOf('/proc/sys/kernel/random/boot_id') ?? '').trim()}/${fields[18]}`;
};

const textOf = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    // ESRCH: the process ended between opening and reading.
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
};

/** By `ps`, on systems without /proc; empty when there is no such process. */
const ask = (processId: number, field: string): string => {
  if (process.platform === 'linux') return '';
  try {
    return execFileSync('ps', ['-o', field, '-p', String(processId)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
};
