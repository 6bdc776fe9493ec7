import { readdir, readFile } from 'node:fs/promises';

interface TableEntry {
  readonly parent: number;
  readonly residentBytes: number;
}

export interface TreeSize {
  readonly processes: number;
  readonly residentBytes: number;
}

const pageBytes = 4096;

/** Of `/proc/<pid>/stat`: after the name in parentheses (which may itself have any character) state, parent, …, resident pages. */
const parseStat = (stat: string): TableEntry | null => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const parent = Number(fields[1]);
  return Number.isInteger(parent) ? { parent, residentBytes: Number(fields[21] ?? 0) * pageBytes } : null;
};

const readTable = async (): Promise<ReadonlyMap<number, TableEntry>> => {
  const names = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const table = new Map<number, TableEntry>();
  await Promise.all(
    names.map(async (name) => {
      const entry = parseStat(await readFile(`/proc/${name}/stat`, 'latin1').catch(() => ''));
      if (entry !== null) table.set(Number(name), entry);
    }),
  );
  return table;
};

/** One look at all processes serves every command that asks while it is going on. */
let reading: Promise<ReadonlyMap<number, TableEntry>> | null = null;

const currentTable = async (): Promise<ReadonlyMap<number, TableEntry>> => {
  reading ??= readTable().finally(() => {
    reading = null;
  });
  return await reading;
};

/** The process and all that descend from it. Nothing is found where there is no `/proc`. */
export const treeOf = async (root: number): Promise<TreeSize> => {
  const table = await currentTable();
  const children = new Map<number, number[]>();
  for (const [pid, { parent }] of table) {
    const siblings = children.get(parent);
    if (siblings) siblings.push(pid);
    else children.set(parent, [pid]);
  }
  let processes = 0;
  let residentBytes = 0;
  const waiting = [root];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    processes += 1;
    residentBytes += table.get(pid)?.residentBytes ?? 0;
    waiting.push(...(children.get(pid) ?? []));
  }
  return { processes, residentBytes };
};

/** Processes whose environment has the mark: those that left their process group and their parent are found by it. */
export const markedProcesses = async (mark: string): Promise<number[]> => {
  const names = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const marked: number[] = [];
  for (const name of names) {
    const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
    if (environment.includes(mark)) marked.push(Number(name));
  }
  return marked;
};
