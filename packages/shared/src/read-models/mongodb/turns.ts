/** One after the other within this process, each name for itself: a race with oneself is lost for nothing. */
export interface Turns {
  take<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
  /** Resolves when all that were taken are over. */
  done(): Promise<void>;
}

export const inTurn = (): Turns => {
  const last = new Map<string, Promise<unknown>>();
  return {
    take: (name, work) => {
      const turn = (last.get(name) ?? Promise.resolve()).then(work);
      const over = turn.then(
        () => undefined,
        () => undefined,
      );
      last.set(name, over);
      return turn;
    },
    done: async () => {
      await Promise.all(last.values());
    },
  };
};
