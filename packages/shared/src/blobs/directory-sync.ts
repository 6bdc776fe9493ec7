import { open } from 'node:fs/promises';

interface Syncing {
  /** Covers what was done before it began. */
  readonly current: Promise<void>;
  /** Begins when the current one is done; covers all who came meanwhile. */
  next: Promise<void> | null;
}

/**
 * Makes the names in a directory durable. Whoever asks while a sync of that directory is under way shares the one after it:
 * any number of new files costs two syncs, not one each.
 */
export const directorySync = (): ((path: string) => Promise<void>) => {
  const syncing = new Map<string, Syncing>();

  const begin = (path: string): Promise<void> => {
    const state: Syncing = { current: syncDirectory(path), next: null };
    syncing.set(path, state);
    const done = (): void => {
      if (state.next === null) syncing.delete(path);
    };
    state.current.then(done, done);
    return state.current;
  };

  return (path) => {
    const state = syncing.get(path);
    if (!state) return begin(path);
    state.next ??= state.current.then(
      () => begin(path),
      () => begin(path),
    );
    return state.next;
  };
};

const syncDirectory = async (path: string): Promise<void> => {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
};
