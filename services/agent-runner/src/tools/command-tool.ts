import { join } from 'node:path';
import { z } from 'zod';
import type { SandboxResult } from '../sandbox/index.ts';
import { failed, onFiles, refused, succeeded } from './file-tools.ts';
import type { Tool } from './port.ts';

const maxOutputBytes = 64 * 1024;

const schema = z.strictObject({
  command: z.string().min(1).max(20_000).describe('For /bin/sh, run at the top of the work tree.'),
  timeout_seconds: z.int().positive().max(3_600).optional(),
});

const endingOf = (result: SandboxResult, timeoutMs: number): string => {
  if (result.timedOut) return `It did not end within ${Math.round(timeoutMs / 1000)} s and was stopped.`;
  if (result.limit === 'memory') return 'It used too much memory and was stopped.';
  if (result.limit === 'processes') return 'It started too many processes and was stopped.';
  return result.exitCode === null
    ? `It was ended by ${result.signal ?? 'a signal'}.`
    : `Exit code ${result.exitCode}.`;
};

export const runCommandTool: Tool<z.infer<typeof schema>> = {
  name: 'run_command',
  description:
    'Runs a shell command at the top of the work tree and answers its exit code and output. There is no network, and nothing outside of the work tree can be changed; the git directory is read-only. Nothing goes on running after it.',
  schema,
  cost: 'machine time',
  needsApproval: false,
  redo: 'repeat_with_notice',
  execute: (input, context) =>
    onFiles(context, '.', async (worktree) => {
      if (context.sandbox === null) {
        return refused(
          'Commands cannot be run: there is no sandbox here to confine them, and the operator did not allow them without.',
        );
      }
      if (input.command.includes('\0')) return failed('The command has a NUL character in it.');
      const wanted =
        input.timeout_seconds === undefined ? context.limits.commandTimeoutMs : input.timeout_seconds * 1_000;
      const timeoutMs = Math.min(wanted, context.limits.commandTimeoutMs);
      const result = await context.sandbox.run({
        command: input.command,
        cwd: worktree.path,
        writable: [worktree.path],
        readOnly: [join(worktree.path, '.git'), worktree.gitDirectory, worktree.repository.path],
        environment: { CI: 'true' },
        timeoutMs,
        maxOutputBytes: Math.min(maxOutputBytes, context.limits.maxResultCharacters),
        network: false,
        signal: context.signal,
      });
      const text = `${endingOf(result, timeoutMs)}\n${result.output === '' ? '(no output)' : result.output}`;
      return result.exitCode === 0 && !result.timedOut ? succeeded(text) : failed(text);
    }),
};
