import type { Position } from '../events/index.ts';
import { PartituraError } from '../runtime/errors.ts';

/** Another instance wrote the projection meanwhile: whoever sees it reads the checkpoint again and goes on from there. */
export class CheckpointError extends PartituraError {
  constructor(projection: string, expected: Position, actual: Position) {
    super(
      'CHECKPOINT_MOVED',
      `Projection ${projection} stands at "${actual}", not at "${expected}": another instance was faster.`,
    );
    this.name = 'CheckpointError';
  }
}

export class QueryError extends PartituraError {
  constructor(code: 'UNKNOWN_INDEX' | 'BAD_CURSOR' | 'BAD_LIMIT', message: string) {
    super(code, message);
    this.name = 'QueryError';
  }
}

export const isCheckpointMoved = (error: unknown): error is CheckpointError =>
  error instanceof CheckpointError;
