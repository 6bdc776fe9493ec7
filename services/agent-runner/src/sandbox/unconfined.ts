import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killGroup, runProcess } from './confined-process.ts';
import { argumentsOf, commandScript } from './limits.ts';
import type { Sandbox } from './port.ts';
import { markedProcesses } from './process-table.ts';
import type { Toolchains } from './toolchains.ts';
import { environmentOf } from './view.ts';

const end = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
};

/** Those that fork while they are being killed are found the next time round. */
const endMarked = async (mark: string): Promise<void> => {
  for (let round = 0; round < 20; round += 1) {
    const left = await markedProcesses(mark);
    if (left.length === 0) return;
    for (const pid of left) end(pid);
  }
};

/**
 * The operator's choice: a command can read and write whatever its user can. Its environment is scrubbed all the same, its HOME is an
 * empty one, time and output are limited, and nothing of it stays running.
 */
export const unconfined = (toolchains: Toolchains): Sandbox => ({
  name: 'none (operator’s choice)',
  confines: false,
  run: async (command) => {
    command.signal.throwIfAborted();
    const home = await mkdtemp(join(tmpdir(), 'partitura-home-'));
    const mark = `PARTITURA_COMMAND_MARK=${randomUUID()}`;
    const [name = '', value = ''] = mark.split('=');
    try {
      const { complaint, ...result } = await runProcess(
        {
          program: '/bin/sh',
          args: ['-c', commandScript(false), 'sh', ...argumentsOf(command.command)],
          environment: { ...environmentOf(command, toolchains, home), TMPDIR: home, [name]: value },
          cwd: command.cwd,
          kill: async (child) => {
            await killGroup(child);
            await endMarked(mark);
          },
        },
        command,
      );
      return { ...result, output: complaint === '' ? result.output : `${result.output}${complaint}\n` };
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  },
});
