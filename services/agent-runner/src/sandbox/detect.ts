import { access, constants, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { PartituraError } from '@partitura/shared/runtime';
import { bubblewrap } from './bubblewrap.ts';
import type { Sandbox } from './port.ts';
import { findToolchains } from './toolchains.ts';
import { unconfined } from './unconfined.ts';
import { unshare } from './unshare.ts';

export type DetectedSandbox =
  | { readonly sandbox: Sandbox; readonly problem: null }
  /** No sandbox, no command. */
  | { readonly sandbox: null; readonly problem: PartituraError };

/** The first of that name on PATH. */
const onPath = async (program: string): Promise<string | null> => {
  for (const directory of (process.env.PATH ?? '').split(delimiter).filter((entry) => isAbsolute(entry))) {
    const path = join(directory, program);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return null;
};

const probeTimeoutMs = 20_000;

/** Why it does not work; null when a command wrote where it may, and could not see what it was not shown. */
const probe = async (sandbox: Sandbox, signal: AbortSignal): Promise<string | null> => {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'partitura-probe-')));
  const shown = join(directory, 'shown');
  const hidden = join(directory, 'hidden');
  try {
    await mkdir(shown);
    await writeFile(hidden, 'hidden');
    const result = await sandbox.run({
      command: `echo inside > shown && test ! -e ${hidden} && ! touch /usr/partitura-probe 2>/dev/null`,
      cwd: shown,
      writable: [shown],
      readOnly: [],
      environment: {},
      timeoutMs: probeTimeoutMs,
      maxOutputBytes: 4_096,
      network: false,
      signal,
    });
    const written = await readFile(join(shown, 'shown'), 'utf8').catch(() => '');
    return result.exitCode === 0 && written === 'inside\n'
      ? null
      : `a command in it ended with ${result.exitCode ?? result.signal}: ${result.output}`;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const unavailable = (reasons: readonly string[]): PartituraError =>
  new PartituraError('SANDBOX_UNAVAILABLE', `There is no sandbox that works here: ${reasons.join('; ')}.`, {
    advice:
      'Install bubblewrap (apt install bubblewrap) and allow user namespaces, or choose to run commands without a sandbox.',
  });

/**
 * The best sandbox that really works here, found by using it. `off` is the operator's choice to go without; `required` never falls
 * back to that.
 */
export const detectSandbox = async (
  mode: 'required' | 'off',
  signal: AbortSignal,
): Promise<DetectedSandbox> => {
  const outer = { path: process.env.PATH ?? '/usr/bin:/bin', home: homedir(), variables: process.env };
  const toolchains = await findToolchains(outer, process.execPath);
  if (mode === 'off') return { sandbox: unconfined(toolchains), problem: null };
  if (process.platform !== 'linux') return { sandbox: null, problem: unavailable(['it needs Linux']) };
  const reasons: string[] = [];
  const program = await onPath('bwrap');
  const candidates = [...(program === null ? [] : [bubblewrap(program, toolchains)]), unshare(toolchains)];
  if (program === null) reasons.push('bubblewrap is not installed');
  for (const sandbox of candidates) {
    const problem = await probe(sandbox, signal);
    if (problem === null) return { sandbox, problem: null };
    reasons.push(`${sandbox.name}: ${problem}`);
  }
  return { sandbox: null, problem: unavailable(reasons) };
};
