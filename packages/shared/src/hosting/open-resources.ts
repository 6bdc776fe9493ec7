/** What is open, so that an end, or a start that fails half-way, closes it again: the last opened first. */
export interface OpenResources {
  add(close: () => unknown): void;
  /** Closes everything, also after one that fails; then throws what failed first. May be called again. */
  closeAll(): Promise<void>;
}

export const openResources = (): OpenResources => {
  const open: (() => unknown)[] = [];
  return {
    add: (close) => {
      open.push(close);
    },
    closeAll: async () => {
      const failures: unknown[] = [];
      for (const close of open.splice(0).toReversed()) {
        try {
          await close();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
};
