/**
 * refuse: nothing is written, unavailable. lose_answer: written, but nobody is told. stall: neither, for ever. die: written,
 * and the server's process is killed before it tells.
 */
export type AppendFault = 'refuse' | 'lose_answer' | 'stall' | 'die';

/** What is to go wrong next. */
export interface Faults {
  /** For the next appends, in order. */
  readonly appends: (AppendFault | undefined)[];
  /** Reads and subscriptions end as unavailable after this many messages, each entry once. */
  readonly cutsAfter: number[];
  /** As many reads are refused. */
  refusedReads: number;
  takeAppend(): AppendFault | undefined;
}

export const noFaults = (): Faults => {
  const appends: (AppendFault | undefined)[] = [];
  return { appends, cutsAfter: [], refusedReads: 0, takeAppend: () => appends.shift() };
};
