import { beginning, type Position } from '../events/index.ts';
import type { Clock, Logger } from '../runtime/index.ts';
import { CheckpointConflictError, type CheckpointStore } from './checkpoints.ts';

/** Where one consumer is: at once in memory, a moment later in the checkpoint store. */
export interface Cursor {
  /** All before and at it was handled. */
  position(): Position;
  /**
   * @throws {CheckpointConflictError} when it turned out meanwhile that somebody else moves this group's checkpoint
   */
  moveTo(position: Position): void;
  /** Stores where it is; a cursor that lost its group to another leaves the checkpoint alone. */
  flush(): Promise<void>;
}

export interface CursorOptions {
  readonly checkpoints: CheckpointStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly group: string;
  /** The checkpoint is stored at the most this often. */
  readonly intervalMs: number;
}

/** Takes a group up where its checkpoint says. */
export const openCursor = async ({
  checkpoints,
  clock,
  logger,
  group,
  intervalMs,
}: CursorOptions): Promise<Cursor> => {
  let stored = await checkpoints.load(group);
  let position = stored ?? beginning;
  let conflict: CheckpointConflictError | null = null;
  let storing: Promise<void> | null = null;
  let pause: AbortController | null = null;

  const isBehind = () => position !== (stored ?? beginning);

  const store = async () => {
    while (isBehind()) {
      const to = position;
      await checkpoints.advance(group, stored, to);
      stored = to;
    }
  };

  /** Never two at once: the second would expect what the first is about to change. */
  const storeOnce = (): Promise<void> => {
    storing ??= store()
      .catch((error: unknown) => {
        if (!(error instanceof CheckpointConflictError)) throw error;
        conflict = error;
      })
      .finally(() => {
        storing = null;
      });
    return storing;
  };

  const storeLater = () => {
    if (pause) return;
    const controller = new AbortController();
    pause = controller;
    clock
      .sleep(intervalMs, controller.signal)
      .then(() => {
        pause = null;
        return storeOnce();
      })
      .catch((error: unknown) => {
        // Not lost, only later: the next move tries again. Until then a crash means handling more events twice.
        if (!controller.signal.aborted) logger.warn({ group, error }, 'the checkpoint could not be stored');
      });
  };

  return {
    position: () => position,
    moveTo: (next) => {
      if (conflict) throw conflict;
      position = next;
      storeLater();
    },
    flush: async () => {
      pause?.abort();
      pause = null;
      while (!conflict && isBehind()) await storeOnce();
    },
  };
};
