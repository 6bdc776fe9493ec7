/** At most `limit` at the same time. Those who wait cost a promise each; whoever has waited longest is next. */
export const seats = (limit: number) => {
  const waiting: (() => void)[] = [];
  let busy = 0;

  const seat = async (): Promise<void> => {
    if (busy < limit) {
      busy += 1;
      return;
    }
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else busy -= 1;
  };

  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await seat();
    try {
      return await work();
    } finally {
      leave();
    }
  };
};
