/** refuse: nothing is written, unavailable. lose_answer: written, but nobody is told. stall: neither, for ever. */
export type AppendFault = 'refuse' | 'lose_answer' | 'stall';

/** What is to go wrong next. */
export interface Faults {
  /** For the next appends, in order. */
  readonly appends: AppendFault[];
  /** Reads and subscriptions end as unavailable after this many messages, each entry once. */
  readonly cutsAfter: number[];
  /** As many reads are refused. */
  refusedReads: number;
  takeAppend(): AppendFault | undefined;
}

export const noFaults = (): Faults => {
  const appends: AppendFault[] = [];
  return { appends, cutsAfter: [], refusedReads: 0, takeAppend: () => appends.shift() };
};
