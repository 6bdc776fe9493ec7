import type { StreamName } from '../../events/index.ts';
import { PartituraError } from '../../runtime/errors.ts';

/** gRPC's status codes: https://grpc.github.io/grpc/core/md_doc_statuscodes.html. */
const code = {
  cancelled: 1,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** It may go well when tried again: the server is away, starts, elects a leader, is overloaded, or the connection broke. */
export class TransientError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TransientError';
  }
}

const transientCodes: ReadonlySet<number> = new Set([
  code.cancelled,
  code.deadlineExceeded,
  code.resourceExhausted,
  code.aborted,
  // A connection cut in the middle of a message: RST_STREAM (https://github.com/grpc/grpc/blob/master/doc/statuscodes.md).
  code.internal,
  code.unavailable,
]);

interface ServiceError {
  readonly code: number;
  readonly details: string;
  /** The server names its own error in the trailer `exception`; `not-leader` is answered with NOT_FOUND. */
  readonly exception: string | null;
}

/** By its shape: the class may come from another realm. */
const serviceError = (error: unknown): ServiceError | null => {
  if (typeof error !== 'object' || error === null || !('code' in error) || typeof error.code !== 'number')
    return null;
  const details = 'details' in error && typeof error.details === 'string' ? error.details : String(error);
  return { code: error.code, details, exception: exceptionOf(error) };
};

const exceptionOf = (error: object): string | null => {
  if (!('metadata' in error) || typeof error.metadata !== 'object' || error.metadata === null) return null;
  const { metadata } = error;
  if (!('get' in metadata) || typeof metadata.get !== 'function') return null;
  const values: unknown = metadata.get('exception');
  return Array.isArray(values) && typeof values[0] === 'string' ? values[0] : null;
};

/** What a call failed with: an error of ours with its code and advice, or a `TransientError`. */
export const asStoreError = (where: string, error: unknown): Error => {
  if (error instanceof PartituraError || error instanceof TransientError) return error;
  const found = serviceError(error);
  if (!found) {
    // The client's own: no member of the cluster answers.
    if (error instanceof Error && error.message.startsWith('Failed to discover'))
      return new TransientError(error.message, error);
    return failed(where, String(error), error);
  }
  if (found.code === code.unauthenticated || found.code === code.permissionDenied)
    return accessDenied(where, error);
  if (found.exception === 'access-denied') return accessDenied(where, error);
  if (found.exception === 'stream-deleted') return failed(where, found.details, error);
  if (found.exception === 'not-leader' || transientCodes.has(found.code))
    return new TransientError(found.details, error);
  return failed(where, found.details, error);
};

export const isUnimplemented = (error: unknown): boolean => serviceError(error)?.code === code.unimplemented;

const failed = (where: string, detail: string, cause?: unknown): PartituraError =>
  new PartituraError('STORE_FAILED', `EventStoreDB at ${where} failed: ${detail}`, {
    advice: 'Look at the server’s log; nothing was acknowledged that is not recorded.',
    cause,
  });

export const storeFailed = failed;

export const accessDenied = (where: string, cause?: unknown): PartituraError =>
  new PartituraError('STORE_ACCESS_DENIED', `EventStoreDB at ${where} refuses these credentials.`, {
    advice:
      'Give a user with the right to read $all and to write streams in PARTITURA_EVENT_STORE_URL, esdb://user:password@host:2113, and percent-encode what is not a letter or a digit.',
    cause,
  });

export const unreachable = (where: string, forMs: number, cause: unknown): PartituraError => {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new PartituraError(
    'STORE_UNREACHABLE',
    `EventStoreDB at ${where} could not be reached for ${Math.round(forMs / 1_000)} s: ${detail}`,
    {
      advice:
        'See that EventStoreDB runs and that host and port in PARTITURA_EVENT_STORE_URL are right; a server without TLS needs ?tls=false there, one with a certificate of its own ?tlsCAFile=<path>.',
      cause,
    },
  );
};

/** For an append that was tried until the patience ended: it may have been recorded or not. */
export const appendUnanswered = (where: string, stream: StreamName, cause: unknown): PartituraError => {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new PartituraError(
    'STORE_UNREACHABLE',
    `EventStoreDB at ${where} did not answer an append to ${stream}: ${detail}`,
    {
      advice:
        'Append the same events again when the server is back: if they were recorded, they are recognised.',
      cause,
    },
  );
};

export const eventTooLarge = (stream: StreamName, bytes: number, most: number): PartituraError =>
  new PartituraError(
    'EVENT_TOO_LARGE',
    `An append of ${bytes} bytes to ${stream} is more than the ${most} that EventStoreDB takes at once.`,
    {
      advice:
        'Put large content into a blob and its reference into the event; or start the server with a larger --max-append-size and give maxAppendBytes the same value.',
    },
  );

export const storeClosed = (where: string): PartituraError =>
  new PartituraError('STORE_CLOSED', `The event store at ${where} is closed.`);
