import type { Position } from '../events/index.ts';
import { PartituraError } from '../runtime/errors.ts';

/** How far each group has come in the log. */
export interface CheckpointStore {
  /** null for a group that has never stored one. */
  load(group: string): Promise<Position | null>;
  /**
   * Moves a group from where the caller left it to `to`. Compare and set: of two consumers that both believe to be the
   * group's, one is refused.
   * @throws {CheckpointConflictError} `CHECKPOINT_CONFLICT` when the group is not at `from`
   */
  advance(group: string, from: Position | null, to: Position): Promise<void>;
}

/** Somebody else moved the group's checkpoint. Whoever sees it loads it and goes on from there. */
export class CheckpointConflictError extends PartituraError {
  constructor(group: string, expected: Position | null, actual: Position | null) {
    super(
      'CHECKPOINT_CONFLICT',
      `Group ${group} was expected at ${shown(expected)} and is at ${shown(actual)}.`,
    );
    this.name = 'CheckpointConflictError';
  }
}

const shown = (position: Position | null): string => (position === null ? 'no checkpoint' : `"${position}"`);

/** Checkpoints that end with the process: for tests, and for what begins anew at every start. */
export const memoryCheckpoints = (): CheckpointStore => {
  const positions = new Map<string, Position>();
  return {
    load: async (group) => positions.get(group) ?? null,
    advance: async (group, from, to) => {
      const actual = positions.get(group) ?? null;
      if (actual !== from) throw new CheckpointConflictError(group, from, actual);
      positions.set(group, to);
    },
  };
};
