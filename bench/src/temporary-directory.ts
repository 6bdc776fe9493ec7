import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs the work with a directory of its own, which is gone afterwards. */
export const withTemporaryDirectory = async <Value>(
  work: (directory: string) => Promise<Value>,
): Promise<Value> => {
  const directory = await mkdtemp(join(tmpdir(), 'partitura-bench-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
};

/** A directory for as long as this process lives: what a benchmark makes once, and measures again and again. */
export const keptDirectory = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'partitura-bench-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
};
