import { readFile } from 'node:fs/promises';
import type { Diary } from './diary.ts';
import type { Swarm } from './swarm.ts';

export interface RollingOptions {
  readonly swarm: Swarm;
  readonly diary: Diary;
  readonly signal: AbortSignal;
}

/**
 * Asks every process in turn to end, and starts it again when it has; the next one's turn comes when it is ready.
 * @throws {Error} when one ends without having said that it ended, which is what it says before it ends with 0
 */
export const rollInTurn = async ({ swarm, diary, signal }: RollingOptions): Promise<void> => {
  for (const one of swarm.processes) {
    signal.throwIfAborted();
    const name = `${one.service}-${one.replica}`;
    diary.write(`${name} is asked to end`);
    await one.stop('SIGTERM');
    const said = (await readFile(one.logFile, 'utf8')).trimEnd().split('\n').at(-1) ?? '';
    if (!said.includes('"msg":"ended"'))
      throw new Error(`${name} did not end well. The last it said: ${said}`);
    diary.write(`${name} has ended`);
    await one.start();
    diary.write(`${name} is back`);
  }
};
