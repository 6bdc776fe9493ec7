import type { StreamName } from '../events/index.ts';
import { PartituraError } from '../runtime/errors.ts';
import type { ExpectedRevision } from './port.ts';

/** The stream is not as the appender believed. Whoever sees it folds again and decides again, or knows that it was replaced. */
export class ConcurrencyError extends PartituraError {
  constructor(stream: StreamName, expected: ExpectedRevision, actual: number | 'no_stream', detail?: string) {
    super(
      'STREAM_REVISION_CONFLICT',
      `${stream} was expected at ${expected} and is at ${actual}${detail ? `: ${detail}` : ''}.`,
    );
    this.name = 'ConcurrencyError';
  }
}

export class InvalidEventError extends PartituraError {
  constructor(type: string, stream: StreamName, problems: readonly { path: string; message: string }[]) {
    const what = problems.map(({ path, message }) => `${path || 'data'}: ${message}`).join('; ');
    super('INVALID_EVENT', `${type} for ${stream} does not keep its contract: ${what}`, { problems });
    this.name = 'InvalidEventError';
  }
}

export const isRevisionConflict = (error: unknown): error is ConcurrencyError =>
  error instanceof ConcurrencyError;
