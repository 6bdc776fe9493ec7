import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Runs a program to its end.
 * @throws {Error} with `problem` and the last of what it said
 */
export const command = async (program: string, words: readonly string[], problem: string): Promise<void> => {
  try {
    await promisify(execFile)(program, words, { maxBuffer: 16 * 1_024 * 1_024 });
  } catch (error) {
    const said =
      typeof error === 'object' && error !== null && 'stdout' in error && 'stderr' in error
        ? `${String(error.stdout)}${String(error.stderr)}`.slice(-4_096)
        : String(error);
    throw new Error(`${problem}: ${said}`, { cause: error });
  }
};
