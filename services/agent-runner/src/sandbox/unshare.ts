import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireSetUp } from './bubblewrap.ts';
import { killGroup, runProcess } from './confined-process.ts';
import { argumentsOf, commandScript, limits } from './limits.ts';
import type { Sandbox, SandboxCommand } from './port.ts';
import type { Toolchains } from './toolchains.ts';
import { environmentOf, type Mount, protectedKernelFiles, sandboxHome, viewOf } from './view.ts';

/** Said when the script ends before it has become the command, for whatever reason. */
const unfinished = 'unshare: the confinement could not be finished';
const setUpFailed = /^(unshare|setpriv): /m;

type KernelFiles = Awaited<ReturnType<typeof protectedKernelFiles>>;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const mountLine = (mount: Mount): string => {
  switch (mount.kind) {
    case 'readOnly':
      return `see ${quoted(mount.source)} ${quoted(mount.target)} ro`;
    case 'writable':
      return `see ${quoted(mount.source)} ${quoted(mount.target)} rw`;
    case 'link':
      return `mkdir -p "$(dirname "$root"${quoted(mount.target)})"; ln -s ${quoted(mount.to)} "$root"${quoted(mount.target)}`;
  }
};

/**
 * Builds the same view that bubblewrap builds, in namespaces of its own, and goes into it for good: the old root is unmounted, all
 * capabilities are given up, and what the kernel offers root through /proc is read-only. Any failure ends it before the command starts.
 */
const setUp = (
  root: string,
  command: SandboxCommand,
  view: readonly Mount[],
  kernel: KernelFiles,
): string => `
set -eu
trap 'echo "${unfinished}" >&2' EXIT
fail() { echo "$1 failed" >&2; exit 1; }
root=${quoted(root)}
keep() { findmnt -rno VFS-OPTIONS -T "$1" | tr ',' '\\n' | grep -xE 'nosuid|nodev|noexec|noatime|nodiratime|relatime' | tr '\\n' ',' || :; }
see() {
  if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$(dirname "$root$2")"; [ -e "$root$2" ] || : > "$root$2"; fi
  mount --bind "$1" "$root$2" || fail "showing $2"
  mount -o "remount,bind,$(keep "$1")nosuid,$3" "$root$2" || fail "protecting $2"
}
mount -t tmpfs -o mode=755,size=16m tmpfs "$root" || fail "mounting the root"
mkdir -p "$root/proc" "$root/dev/shm" "$root/tmp" "$root${sandboxHome}" "$root/.old"
mount -t tmpfs -o mode=1777,nosuid,nodev,size=${limits.temporaryBytes} tmpfs "$root/tmp" || fail "mounting /tmp"
mount -t tmpfs -o mode=700,nosuid,nodev,size=${limits.temporaryBytes} tmpfs "$root${sandboxHome}" || fail "mounting HOME"
mount -t tmpfs -o mode=1777,nosuid,nodev,size=64m tmpfs "$root/dev/shm" || fail "mounting /dev/shm"
for device in null zero full random urandom tty; do
  : > "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device" || fail "showing /dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc" || fail "mounting /proc"
for part in ${kernel.readOnly.join(' ')}; do
  mount --bind "$root$part" "$root$part" || fail "protecting $part"
  mount -o remount,bind,ro,nosuid,nodev,noexec "$root$part" || fail "protecting $part"
done
for part in ${kernel.hidden.join(' ')}; do
  mount --bind /dev/null "$root$part" || fail "hiding $part"
done
${view.map(mountLine).join('\n')}
${command.network ? '' : 'ip link set lo up 2>/dev/null || :'}
cd "$root"
pivot_root . .old || fail "changing the root"
cd /
umount -l /.old || fail "leaving the old root"
rmdir /.old
mount -o remount,bind,ro,nosuid,nodev / || fail "protecting the root"
cd ${quoted(command.cwd)} || fail "entering the working directory"
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all -- \\
  /usr/bin/env -i "$@"
`;

const namespaces = (command: SandboxCommand): string[] => [
  '--user',
  '--map-root-user',
  '--mount',
  '--pid',
  '--ipc',
  '--uts',
  ...(command.network ? [] : ['--net']),
  '--fork',
  '--kill-child=KILL',
  '--propagation=private',
];

/** With nothing but util-linux: for machines that allow user namespaces and have no bubblewrap. */
export const unshare = (toolchains: Toolchains): Sandbox => ({
  name: 'unshare',
  confines: true,
  run: async (command) => {
    command.signal.throwIfAborted();
    const view = await viewOf(command, toolchains);
    const kernel = await protectedKernelFiles();
    const root = await mkdtemp(join(tmpdir(), 'partitura-root-'));
    try {
      const environment = Object.entries(environmentOf(command, toolchains, sandboxHome));
      const args = [
        ...['--pdeathsig', 'KILL', 'unshare', ...namespaces(command), '--'],
        ...['/bin/sh', '-c', setUp(root, command, view, kernel), 'sh'],
        ...environment.map(([name, value]) => `${name}=${value}`),
        ...['/bin/sh', '-c', commandScript(true), 'sh', ...argumentsOf(command.command)],
      ];
      const { complaint, ...result } = await runProcess(
        {
          program: 'setpriv',
          args,
          environment: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
          cwd: '/',
          kill: killGroup,
        },
        command,
      );
      requireSetUp({ ...result, complaint }, setUpFailed);
      return result;
    } finally {
      await rmdir(root).catch(() => undefined);
    }
  },
});
