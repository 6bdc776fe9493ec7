import { PartituraError } from '@partitura/shared/runtime';
import { killGroup, type ProcessEnd, runProcess } from './confined-process.ts';
import { argumentsOf, commandScript, limits } from './limits.ts';
import type { Sandbox, SandboxCommand } from './port.ts';
import type { Toolchains } from './toolchains.ts';
import { environmentOf, type Mount, protectedKernelFiles, sandboxHome, viewOf } from './view.ts';

const mountArguments = (mount: Mount): string[] => {
  switch (mount.kind) {
    case 'readOnly':
      return ['--ro-bind', mount.source, mount.target];
    case 'writable':
      return ['--bind', mount.source, mount.target];
    case 'link':
      return ['--symlink', mount.to, mount.target];
  }
};

const temporary = (path: string): string[] => ['--size', String(limits.temporaryBytes), '--tmpfs', path];

const confinement = (command: SandboxCommand): string[] => [
  '--unshare-all',
  ...(command.network ? ['--share-net'] : []),
  '--die-with-parent',
  '--new-session',
  '--cap-drop',
  'ALL',
  '--hostname',
  'sandbox',
  '--clearenv',
  '--proc',
  '/proc',
  '--dev',
  '/dev',
  ...temporary('/tmp'),
  ...temporary(sandboxHome),
];

/** The sandbox reports on its own standard error, which the command has no part of. */
export const requireSetUp = (end: ProcessEnd, complaint: RegExp): void => {
  if (end.timedOut || end.limit !== null || !complaint.test(end.complaint)) return;
  throw new PartituraError(
    'SANDBOX_FAILED',
    `The command could not be confined: ${end.complaint.slice(0, 1_000)}`,
    {
      advice: 'Run "partitura doctor" to see which sandboxes work on this machine.',
    },
  );
};

export const bubblewrap = (program: string, toolchains: Toolchains): Sandbox => ({
  name: 'bubblewrap',
  confines: true,
  run: async (command) => {
    command.signal.throwIfAborted();
    const view = await viewOf(command, toolchains);
    const kernel = await protectedKernelFiles();
    const environment = Object.entries(environmentOf(command, toolchains, sandboxHome));
    const args = [
      ...confinement(command),
      ...kernel.readOnly.flatMap((path) => ['--ro-bind', path, path]),
      ...kernel.hidden.flatMap((path) => ['--ro-bind', '/dev/null', path]),
      ...view.flatMap(mountArguments),
      ...environment.flatMap(([name, value]) => ['--setenv', name, value]),
      ...['--chdir', command.cwd, '--', '/bin/sh', '-c', commandScript(true), 'sh'],
      ...argumentsOf(command.command),
    ];
    const { complaint, ...result } = await runProcess(
      { program, args, environment: { PATH: '/usr/bin:/bin' }, cwd: '/', kill: killGroup },
      command,
    );
    requireSetUp({ ...result, complaint }, /^bwrap: /);
    return result;
  },
});
