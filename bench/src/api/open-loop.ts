import { setTimeout as sleep } from 'node:timers/promises';
import { microseconds } from './microseconds.ts';

/**
 * Does something so many times a second, whether or not what was begun before is done: a server that is late gets no less to do.
 * `begin` is told when it was due, in microseconds, so that waiting for a busy process counts as well.
 */
export const openLoop = async (
  perSecond: number,
  seconds: number,
  begin: (dueAt: number, index: number) => void,
): Promise<void> => {
  const start = microseconds();
  const gap = 1_000_000 / perSecond;
  for (let index = 0; index < perSecond * seconds; index += 1) {
    const dueAt = start + index * gap;
    const ahead = (dueAt - microseconds()) / 1_000;
    if (ahead > 0) await sleep(Math.ceil(ahead));
    begin(Math.round(dueAt), index);
  }
};
