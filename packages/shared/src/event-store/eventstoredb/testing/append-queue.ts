import type { Appended, MemoryLog, ProposedAppend } from './memory-log.ts';

export type AppendQueue = (append: ProposedAppend, answer: (outcome: Appended) => void) => void;

/** Appends that come in the same turn of the event loop, from all clients, share one sync to the disk. */
export const appendQueue = (log: MemoryLog): AppendQueue => {
  let waiting: { readonly append: ProposedAppend; readonly answer: (outcome: Appended) => void }[] = [];

  const writeAll = (): void => {
    const group = waiting;
    waiting = [];
    const outcomes = log.append(group.map(({ append }) => append));
    for (const [index, outcome] of outcomes.entries()) group[index]?.answer(outcome);
  };

  return (append, answer) => {
    if (waiting.push({ append, answer }) === 1) setImmediate(writeAll);
  };
};
