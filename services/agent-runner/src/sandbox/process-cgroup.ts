import { randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { limits } from './limits.ts';

/**
 * The kernel exempts root from `ulimit -u`, in a user namespace too. A runner that is root (in a container, mostly) counts the
 * processes of a command with a control group instead. Null where that is not needed or not to be had: then the watch has to do.
 */
export interface ProcessCgroup {
  /** A process that writes its id here is counted from then on, with all that descend from it. */
  readonly membership: string;
  close(): Promise<void>;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const controller = async (): Promise<string | null> => {
  if (await exists('/sys/fs/cgroup/pids/cgroup.procs')) return '/sys/fs/cgroup/pids';
  const enabled = await readFile('/sys/fs/cgroup/cgroup.subtree_control', 'utf8').catch(() => '');
  return enabled.split(/\s+/).includes('pids') ? '/sys/fs/cgroup' : null;
};

const closeTries = 100;

/** The kernel lets it go only when the last process is gone for good, a moment after it was killed. */
const close = async (directory: string): Promise<void> => {
  for (let tried = 0; tried < closeTries; tried += 1) {
    const gone = await rmdir(directory).then(
      () => true,
      () => false,
    );
    if (gone) return;
    await after(10);
  }
};

export const openProcessCgroup = async (): Promise<ProcessCgroup | null> => {
  if (process.getuid?.() !== 0) return null;
  const parent = await controller();
  if (parent === null) return null;
  const directory = join(parent, `partitura-${randomUUID()}`);
  try {
    await mkdir(directory);
    await writeFile(join(directory, 'pids.max'), String(limits.processes));
    return { membership: join(directory, 'cgroup.procs'), close: () => close(directory) };
  } catch {
    await rmdir(directory).catch(() => undefined);
    return null;
  }
};

/** The program, entering the group before it is started. */
export const enteringCgroup = (
  group: ProcessCgroup | null,
  program: string,
  args: readonly string[],
): { readonly program: string; readonly args: readonly string[] } =>
  group === null
    ? { program, args }
    : { program: '/bin/sh', args: ['-c', 'echo $$ > "$0"; exec "$@"', group.membership, program, ...args] };
