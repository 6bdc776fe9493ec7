import { PartituraError } from '../../runtime/errors.ts';

export type QueueErrorCode =
  | 'QUEUE_URL_INVALID'
  | 'QUEUE_UNREACHABLE'
  | 'QUEUE_CREDENTIALS_REFUSED'
  | 'QUEUE_TLS_FAILED'
  | 'QUEUE_VERSION_UNSUPPORTED'
  | 'QUEUE_EVICTS'
  | 'QUEUE_READ_ONLY'
  | 'QUEUE_OUT_OF_MEMORY'
  | 'QUEUE_FAILED';

/** What can be wrong with the Redis behind a queue. */
export class QueueError extends PartituraError {
  constructor(code: QueueErrorCode, message: string, details: { advice?: string; cause?: unknown } = {}) {
    super(code, message, details);
    this.name = 'QueueError';
  }
}

const textOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

export const unreachable = (where: string, error: unknown): QueueError =>
  new QueueError(
    'QUEUE_UNREACHABLE',
    `Redis at ${where} does not answer: ${textOf(error) || codeOf(error) || 'no connection'}.`,
    { advice: 'Start Redis, or correct PARTITURA_QUEUE_URL.', cause: error },
  );

/** An error that waiting does not heal, or null. */
export const refusal = (where: string, error: unknown): QueueError | null => {
  const text = textOf(error);
  if (/^(WRONGPASS|NOAUTH|NOPERM)|invalid (username-)?password/i.test(text))
    return new QueueError(
      'QUEUE_CREDENTIALS_REFUSED',
      `Redis at ${where} refuses the credentials: ${text}.`,
      {
        advice: 'Put the user and password into PARTITURA_QUEUE_URL: redis://user:password@host:6379.',
        cause: error,
      },
    );
  if (/^(ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(codeOf(error)))
    return new QueueError('QUEUE_TLS_FAILED', `No TLS connection to Redis at ${where}: ${text}.`, {
      advice:
        'rediss:// needs a Redis that speaks TLS on this port, with a certificate this machine trusts (NODE_EXTRA_CA_CERTS); redis:// is without TLS.',
      cause: error,
    });
  if (/DB index is out of range/.test(text))
    return new QueueError('QUEUE_URL_INVALID', `Redis at ${where} has no such database: ${text}.`, {
      advice: 'Correct the number after the last slash of PARTITURA_QUEUE_URL.',
      cause: error,
    });
  return null;
};

/** Why a command failed, with a code where it is known. */
export const asQueueError = (where: string, error: unknown): unknown => {
  if (error instanceof PartituraError || error instanceof RangeError) return error;
  const known = refusal(where, error);
  if (known) return known;
  const text = textOf(error);
  if (
    /max retries per request|connection is closed|command timed out|socket timeout|ECONN|ETIMEDOUT|ENOTFOUND|EAI_AGAIN/i.test(
      text,
    )
  )
    return unreachable(where, error);
  if (/^OOM|used memory > 'maxmemory'/.test(text))
    return new QueueError('QUEUE_OUT_OF_MEMORY', `Redis at ${where} has no memory left for jobs.`, {
      advice: 'Raise its maxmemory, or add runners so that the queue gets shorter.',
      cause: error,
    });
  if (/^(READONLY|MISCONF)/.test(text))
    return new QueueError('QUEUE_READ_ONLY', `Redis at ${where} takes no writes: ${text}.`, {
      advice: 'Connect to the primary, and see to it that Redis can write to its disk.',
      cause: error,
    });
  return new QueueError('QUEUE_FAILED', `Redis at ${where} failed: ${text}`, { cause: error });
};
