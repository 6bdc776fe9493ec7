import { endProcess } from '../process-identity.ts';
import { type EngineName, engineNames, engines } from './engines.ts';
import { existingStackDirectory, lockStack, type StackDirectory } from './stack-directory.ts';

export interface DownOptions {
  readonly directory: string;
  /** Deletes all data, and the passwords. */
  readonly wipe: boolean;
  readonly say: (line: string) => void;
}

/** Ends exactly the processes that `up` started in this directory. Again is harmless. */
export const down = async ({ directory, wipe, say }: DownOptions): Promise<void> => {
  if (!existingStackDirectory(directory)) {
    say(`There is no stack in ${directory}.`);
    return;
  }
  const lock = lockStack(directory);
  try {
    // Read under the lock: an `up` may have written meanwhile.
    const stack = existingStackDirectory(directory);
    if (!stack) return;
    await Promise.all(engineNames.map((name) => end(stack, name, say)));
    if (wipe) {
      stack.wipe();
      say(`Deleted ${stack.path}.`);
    }
  } finally {
    lock.release();
  }
};

const end = async (stack: StackDirectory, name: EngineName, say: (line: string) => void): Promise<void> => {
  stack.takeBack(name);
  const running = stack.runningProcess(name);
  if (!running) return;
  await endProcess(running);
  say(`${engines[name].title.padEnd(12)} stopped (process ${running.processId})`);
};
