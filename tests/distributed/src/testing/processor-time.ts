import { readFile } from 'node:fs/promises';

/** Linux counts in hundredths of a second, whatever the kernel's own clock does. */
const ticksPerSecond = 100;

/** Seconds of processor time that a process has had; null where the system does not say it in `/proc`. */
export const processorSeconds = async (processId: number): Promise<number | null> => {
  const stat = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => null);
  // The second field is the program's name in brackets, which may have spaces in it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [fields?.[11], fields?.[12]];
  if (user === undefined || system === undefined) return null;
  return (Number(user) + Number(system)) / ticksPerSecond;
};

export interface Named {
  readonly name: string;
  readonly processId: number;
}

export interface Spent {
  readonly name: string;
  readonly seconds: number;
}

/** What processes spend while something is done, the most first; those of one name together. */
export const spentBy = async (
  processes: readonly Named[],
  work: () => Promise<void>,
): Promise<readonly Spent[]> => {
  const read = () => Promise.all(processes.map(({ processId }) => processorSeconds(processId)));
  const before = await read();
  await work();
  const after = await read();
  const spent = new Map<string, number>();
  for (const [index, { name }] of processes.entries()) {
    const seconds = (after[index] ?? 0) - (before[index] ?? 0);
    spent.set(name, (spent.get(name) ?? 0) + seconds);
  }
  return [...spent]
    .map(([name, seconds]) => ({ name, seconds }))
    .sort((left, right) => right.seconds - left.seconds);
};
