/** One after the other: the feed's batches, and the moment in which a read model is switched. */
export interface Turns {
  take<Result>(work: () => Promise<Result>): Promise<Result>;
}

export const taking = (): Turns => {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take: (work) => {
      const turn = last.then(work, work);
      last = turn.catch(() => undefined);
      return turn;
    },
  };
};
