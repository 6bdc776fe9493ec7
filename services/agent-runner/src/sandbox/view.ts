import { lstat, readlink, realpath } from 'node:fs/promises';
import { PartituraError } from '@partitura/shared/runtime';
import type { SandboxCommand } from './port.ts';
import { isWithin, systemDirectories, type Toolchains } from './toolchains.ts';

/** The file system as a command sees it, outermost first: a later mount decides over an earlier one that it is in. */
export type Mount =
  | { readonly kind: 'readOnly' | 'writable'; readonly source: string; readonly target: string }
  | { readonly kind: 'link'; readonly target: string; readonly to: string };

export const sandboxHome = '/home/agent';

/** Names, time zones, certificates: what programs expect of /etc, and nothing that identifies the machine or its people. */
const etcFiles = [
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/passwd',
  '/etc/group',
  '/etc/nsswitch.conf',
  '/etc/hosts',
  '/etc/localtime',
  '/etc/alternatives',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/ca-certificates',
  '/etc/pki',
  '/etc/mime.types',
  '/etc/protocols',
  '/etc/services',
];
const etcFilesForNetwork = ['/etc/resolv.conf', '/etc/gai.conf'];

/**
 * What the kernel lets root change or read through /proc by who it is, whatever capabilities it has given up: to a runner that is root,
 * these are a way out. (bubblewrap covers only those that its own access check calls writable, which it never does for directories.)
 */
const kernelSettings = [
  'sys',
  'sysrq-trigger',
  'irq',
  'bus',
  'fs',
  'mtrr',
  'tty',
  'driver',
  'acpi',
  'scsi',
  'pressure',
];
const kernelSecrets = [
  'kcore',
  'keys',
  'kmsg',
  'kallsyms',
  'timer_list',
  'sched_debug',
  'latency_stats',
  'kpagecount',
  'kpageflags',
  'vmallocinfo',
];

export const protectedKernelFiles = async (): Promise<{
  readonly readOnly: readonly string[];
  readonly hidden: readonly string[];
}> => {
  const there = async (names: readonly string[]): Promise<string[]> => {
    const found = await Promise.all(
      names.map((name) =>
        lstat(`/proc/${name}`).then(
          () => name,
          () => null,
        ),
      ),
    );
    return found.filter((name) => name !== null).map((name) => `/proc/${name}`);
  };
  if (process.getuid?.() !== 0) return { readOnly: [], hidden: [] };
  return { readOnly: await there(kernelSettings), hidden: await there(kernelSecrets) };
};

const systemMount = async (path: string): Promise<Mount | null> => {
  const found = await lstat(path).catch(() => null);
  if (found === null) return null;
  if (found.isSymbolicLink()) return { kind: 'link', target: path, to: await readlink(path) };
  return { kind: 'readOnly', source: path, target: path };
};

const fileMount = async (path: string): Promise<Mount | null> => {
  const source = await realpath(path).catch(() => null);
  return source === null ? null : { kind: 'readOnly', source, target: path };
};

const refuse = (path: string, why: string): never => {
  throw new PartituraError('SANDBOX_FAILED', `${path} cannot be shown to a command: ${why}.`);
};

/** What a command made must not decide what the next one sees: a link in a writable place is never followed. */
const commandMount = async (kind: 'readOnly' | 'writable', path: string): Promise<Mount> => {
  const source = await realpath(path).catch(() => refuse(path, 'it is not there'));
  if (source !== path) return refuse(path, `it is a link to ${source}`);
  return { kind, source, target: path };
};

const weight = (mount: Mount): number => (mount.kind === 'readOnly' ? 1 : 0);

/** By depth, so that the inner decides; of one path said both ways, the read-only one. */
const inOrder = (mounts: readonly Mount[]): Mount[] =>
  [...mounts].sort((left, right) => left.target.length - right.target.length || weight(left) - weight(right));

/** @throws {PartituraError} SANDBOX_FAILED when a path is missing, a link, or the working directory is not part of the view */
export const viewOf = async (command: SandboxCommand, toolchains: Toolchains): Promise<readonly Mount[]> => {
  if (![...command.writable, ...command.readOnly].some((path) => isWithin(command.cwd, path))) {
    return refuse(command.cwd, 'it is outside of what the command may see');
  }
  const etc = command.network ? [...etcFiles, ...etcFilesForNetwork] : etcFiles;
  const outer = await Promise.all([
    ...systemDirectories.map(systemMount),
    ...etc.map(fileMount),
    ...toolchains.paths.map(fileMount),
  ]);
  const inner = await Promise.all([
    ...command.writable.map((path) => commandMount('writable', path)),
    ...command.readOnly.map((path) => commandMount('readOnly', path)),
  ]);
  return [...inOrder(outer.filter((mount) => mount !== null)), ...inOrder(inner)];
};

/** All that a command finds in its environment. */
export const environmentOf = (
  command: SandboxCommand,
  toolchains: Toolchains,
  home: string,
): Readonly<Record<string, string>> => ({
  HOME: home,
  USER: 'agent',
  LOGNAME: 'agent',
  TMPDIR: '/tmp',
  LANG: 'C.UTF-8',
  TERM: 'dumb',
  NO_COLOR: '1',
  NO_UPDATE_NOTIFIER: '1',
  npm_config_update_notifier: 'false',
  npm_config_cache: '/tmp/.npm',
  PYTHONDONTWRITEBYTECODE: '1',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  // The git directory is read-only in there: what only looks must not try to refresh the index.
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  ...toolchains.environment,
  ...command.environment,
});
